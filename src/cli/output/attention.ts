import type {
  AttentionBlock,
  AttentionCurve,
  AttentionPart,
  AttentionReport,
  Polynomial,
  Size,
} from "../../protocol/attention";
import { printable } from "./printable";
import { type TableColumn, tableLines } from "./table";
import { bytes, count, percent } from "./units";

const COLUMNS: readonly TableColumn[] = [
  { title: "block", align: "left", narrowest: 24 },
  { title: "op", align: "left", narrowest: 10, leaves: 3 },
  { title: "heads", align: "right" },
  { title: "width", align: "right", leaves: 4 },
  { title: "queries × keys", align: "right" },
  { title: "kind", align: "left", leaves: 5 },
  { title: "projections", align: "right", leaves: 2 },
  { title: "attention", align: "right" },
  { title: "scores", align: "right", leaves: 1 },
];

/** The report for people: sums, growth, a row for each block, what was not recognised. */
export function* attentionLines(
  report: AttentionReport,
  curves: readonly AttentionCurve[],
  width: number,
): Generator<string> {
  const { blocks, notRecognised, totals } = report;
  for (const [title, text] of [...figures(report), ...growth(report, curves)]) {
    yield `${title.padEnd(10)}  ${printable(text)}`;
  }
  if (blocks.length > 0) {
    yield "";
    yield* tableLines(COLUMNS, blocks.map(blockRow), width, [
      [
        "all",
        "",
        "",
        "",
        "",
        "",
        count(totals.parts.projections.flops.value),
        count(insideFlops(totals.parts)),
        bytes(totals.scoreBytesLargest.value),
      ],
    ]);
    yield "FLOPs of the projections and of what lies between them; bytes of the score matrices while all are in memory.";
  }
  for (const { label, reason, edge } of notRecognised) {
    yield printable(`not recognised: ${label}: ${reason} (at ${edge.value})`);
  }
}

function figures({ blocks, totals }: AttentionReport): readonly (readonly [string, string])[] {
  const { parts, modelFlops, attentionShare, kvBytesPerToken } = totals;
  const found = blocks.length === 1 ? "1 block" : `${blocks.length} blocks`;
  if (blocks.length === 0) {
    return [["attention", found]];
  }
  const flops = (part: AttentionPart) => count(parts[part].flops.value);
  return [
    [
      "attention",
      `${found}: scores, softmax and weighted sum are ${percent(attentionShare)} of ${count(modelFlops.value, "FLOPs")}`,
    ],
    [
      "parts",
      `projections ${flops("projections")}, scores ${flops("scores")}, softmax ${flops("softmax")}, ` +
        `weighted sum ${flops("weightedSum")}, other ${flops("other")} FLOPs`,
    ],
    ...(kvBytesPerToken.value === 0
      ? []
      : [["cache", `${bytes(kvBytesPerToken.value)} of keys and values for each token`] as const]),
  ];
}

function growth(
  { modes, noAxis, totals }: AttentionReport,
  curves: readonly AttentionCurve[],
): readonly (readonly [string, string])[] {
  const [first] = modes;
  if (first === undefined) {
    return noAxis === null ? [] : [["length", noAxis]];
  }
  return [
    ...(first.axis.whatIf === null ? [] : [["what if", first.axis.whatIf] as const]),
    ...polynomialLine(`${first.mode} FLOPs`, totals.modelPolynomials.flops),
    ...modes.map(({ mode, axis }, index) => {
      const crossover = curves[index]?.crossover ?? null;
      const overtakes =
        crossover === null
          ? "attention never costs more than the rest"
          : `from n = ${crossover} on, attention costs more than the rest`;
      const limit = axis.limit === null ? "" : `, positions end at ${axis.limit}`;
      return [mode, `${axis.rules.join(", ")}; now ${axis.current}${limit}: ${overtakes}`] as const;
    }),
  ];
}

function polynomialLine(
  title: string,
  polynomial: Polynomial | null,
): readonly (readonly [string, string])[] {
  return polynomial === null ? [] : [["model", `${title} = ${polynomial.formula}`]];
}

function blockRow(block: AttentionBlock): readonly string[] {
  const { label, op, heads, kvHeads, headDim, queryLength, keyLength, cost, memory } = block;
  const shared = kvHeads.value !== heads.value && kvHeads.value !== null ? `/${kvHeads.value}` : "";
  return [
    label,
    op,
    `${sizeText(heads)}${shared}`,
    sizeText(headDim),
    `${sizeText(queryLength)} × ${sizeText(keyLength)}`,
    kindText(block),
    count(cost.projections.flops.value),
    count(insideFlops(cost)),
    bytes(memory.scoreBytes.value),
  ];
}

function kindText({ relation, mask }: AttentionBlock): string {
  const window = mask.window === null ? [] : [`window ${mask.window}`];
  return [relation, ...(mask.causal === true ? ["causal"] : []), ...window].join(", ");
}

function insideFlops(cost: AttentionBlock["cost"]): number | null {
  const inside = (["scores", "softmax", "weightedSum", "other"] as const).map(
    (part) => cost[part].flops.value,
  );
  return inside.reduce<number | null>(
    (sum, value) => (sum === null || value === null ? null : sum + value),
    0,
  );
}

const sizeText = ({ value }: Size): string => (value === null ? "?" : String(value));
