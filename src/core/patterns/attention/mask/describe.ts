import { equal } from "../../../expr";
import type { Dim } from "../../../facts/fact";
import type { AttentionSizes } from "../../../ops/attentionSizes";
import type { SearchGraph } from "../graph";
import type { MaskOperand } from "../scorePath";
import type { AttentionMask } from "../types";
import { type Bound, type MaskParts, merged } from "./parts";
import type { MaskReader } from "./reader";

/** What the operands that are added to scores, or choose among them, hide. */
export function describeMasks(
  search: SearchGraph,
  reader: MaskReader,
  operands: readonly MaskOperand[],
  sizes: AttentionSizes,
): AttentionMask {
  if (operands.length === 0) {
    return { kind: "none", causal: false, window: undefined, relativeBias: false, evidence: "" };
  }
  const parts = merged(operands.map(({ value, sense }) => reader.look(value, sense)));
  const kind = operands.some((operand) => operand.kind === "chosen") ? "chosen" : "added";
  return { kind, ...hidden(search, parts, sizes) };
}

/** What the parts of a mask say of a block of these sizes. */
export function hidden(
  search: SearchGraph,
  parts: MaskParts,
  { queryLength, keyLength }: AttentionSizes,
): Omit<AttentionMask, "kind"> {
  const fits = ({ rows }: Bound) =>
    rows === undefined || queryLength === undefined || typeof rows === "number" || equal(rows, queryLength);
  const bounds = parts.bounds.filter(fits);
  const last = least(
    bounds.filter(({ to }) => to !== undefined),
    ({ to }) => to!,
  );
  const first = least(
    bounds.filter(({ from }) => from !== undefined),
    ({ from }) => -from!,
  );
  const [block] = [...parts.blocks].sort((a, b) => a.keys - b.keys);
  const band = first?.from === undefined || last?.to === undefined ? undefined : last.to - first.from + 1;
  const window = band === undefined ? block?.keys : Math.min(band, block?.keys ?? band);
  const base = { window, relativeBias: parts.biases.length > 0 };
  const isCausal = last?.to !== undefined && last.to <= 0;
  const told = unique([
    ...(last === undefined ? [] : [last.evidence]),
    ...(window === undefined || first === undefined ? [] : [first.evidence]),
    ...(block === undefined ? [] : [block.evidence]),
  ]);
  if (isCausal) {
    return { causal: true, ...base, evidence: told.join("; ") };
  }
  const unread = unique(
    [...parts.opaque, ...parts.inputs].filter((value) =>
      hasRowPerQuery(search.fact(value).shape, queryLength, keyLength),
    ),
  );
  if (unread.length > 0) {
    return { causal: undefined, ...base, evidence: `${unread.join(", ")} decides` };
  }
  const evidence = told.length > 0 ? told : parts.biases.length > 0 ? parts.biases : parts.inputs;
  return { causal: false, ...base, evidence: unique(evidence).slice(0, 2).join("; ") };
}

function least<T>(items: readonly T[], of: (item: T) => number): T | undefined {
  return items.reduce<T | undefined>(
    (found, item) => (found === undefined || of(item) < of(found) ? item : found),
    undefined,
  );
}

function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}

/** A mask for queries and keys, not for keys alone. */
function hasRowPerQuery(shape: readonly Dim[] | undefined, queries: Dim, keys: Dim): boolean {
  if (shape === undefined || shape.length < 2 || shape.at(-2) === 1) {
    return false;
  }
  const isSame = (a: Dim, b: Dim) => a !== undefined && b !== undefined && equal(a, b);
  return isSame(shape.at(-2), queries) && isSame(shape.at(-1), keys);
}
