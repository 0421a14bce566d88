import type { AttentionCurve, LengthAxis } from "../../../../src/protocol/attention";
import type { DimControl } from "../../../../src/protocol/engine";
import type { LengthMark, LengthSeries } from "../../../shared/charts/LengthChart";
import { lengthText } from "../../../shared/charts/logAxis";
import { withNumbers } from "../../../shared/format/formula";

/** A line of a chart with what its legend says of it. */
export interface Figure extends LengthSeries {
  /** In n, other dims by their names; "" where there is none. */
  readonly formula: string;
  readonly hover: string;
}

/** FLOPs by what they are for, from the bottom up; parts that are nothing at all lengths are left out. */
export function costBands(curve: AttentionCurve): readonly Figure[] {
  const bands: readonly Figure[] = [
    {
      look: "constant",
      title: "the rest, fixed",
      values: curve.constant,
      formula: curve.formulas.constant,
      hover: "Everything but the attention blocks that does not grow with n",
    },
    {
      look: "linear",
      title: "the rest, growing",
      values: curve.linear,
      formula: curve.formulas.linear,
      hover: "Everything but the attention blocks that grows with n",
    },
    {
      look: "projections",
      title: "projections",
      values: curve.projections,
      formula: curve.formulas.projections,
      hover: "Linear layers of the attention blocks",
    },
    {
      look: "attention",
      title: "attention",
      values: curve.attention,
      formula: curve.formulas.attention,
      hover: "Scores, softmax, weighted sum and what lies between",
    },
  ];
  return bands.filter(({ values }) => values.some((value) => value !== 0));
}

/** Cost of the whole model under the change that is looked at. */
export function costLines({ whatIf, constant, linear }: AttentionCurve): readonly Figure[] {
  return whatIf === undefined
    ? []
    : [
        {
          look: "then",
          title: "all, then",
          values: whatIf.attention.map(
            (attention, place) =>
              attention + (whatIf.projections[place] ?? 0) + (constant[place] ?? 0) + (linear[place] ?? 0),
          ),
          formula: "",
          hover: `${whatIf.title}: ${whatIf.rule}`,
        },
      ];
}

export function memoryLines(curve: AttentionCurve): readonly Figure[] {
  const { whatIf } = curve;
  const lines: readonly Figure[] = [
    {
      look: "weights",
      title: "weights",
      values: curve.x.map(() => curve.weightBytes),
      formula: "",
      hover: "Weights of the model as they are stored",
    },
    {
      look: "scores",
      title: "score matrix",
      values: curve.scoreBytes,
      formula: curve.formulas.scoreBytes,
      hover: "Scores of the largest block while they are all in memory",
    },
    {
      look: "streamed",
      title: "scores, streamed",
      values: curve.streamedBytes,
      formula: curve.formulas.streamedBytes,
      hover: "What a kernel that streams keys keeps instead: maximum and sum of each query",
    },
    {
      look: "cache",
      title: "key and value cache",
      values: curve.kvCacheBytes,
      formula: curve.formulas.kvCacheBytes,
      hover: "Keys and values of all tokens, of all blocks that decoding keeps them of",
    },
    ...(whatIf === undefined
      ? []
      : [
          {
            look: "scores-then",
            title: "score matrix, then",
            values: whatIf.scoreBytes,
            formula: "",
            hover: whatIf.rule,
          },
          {
            look: "cache-then",
            title: "cache, then",
            values: whatIf.kvCacheBytes,
            formula: "",
            hover: whatIf.rule,
          },
        ]),
  ];
  return lines.filter(({ values }) => values.some((value) => value !== 0));
}

export function marksOf(curve: AttentionCurve, what: "cost" | "memory"): readonly LengthMark[] {
  const { current, crossover, whatIf } = curve;
  const wins = whatIf?.winsFrom ?? null;
  return [
    { kind: "current", x: current, title: `now ${lengthText(current)}` },
    ...(what === "cost" && crossover !== null
      ? [
          {
            kind: "crossover" as const,
            x: crossover,
            title: `attention passes the rest: ${lengthText(crossover)}`,
          },
        ]
      : []),
    ...(what === "cost" && wins !== null
      ? [{ kind: "wins" as const, x: wins, title: `saves from ${lengthText(wins)}` }]
      : []),
  ];
}

/** The formula at a length, with all numbers put in: "1536·1·128² + 3538944·1·128". */
export function putIn(
  formula: string,
  length: number,
  sizes: readonly DimControl[],
  axis: LengthAxis | null,
): string {
  const decided = axis?.dims ?? [];
  return withNumbers(formula, {
    ...Object.fromEntries(
      sizes.filter(({ name }) => !decided.includes(name)).map(({ name, value }) => [name, value]),
    ),
    n: length,
  });
}
