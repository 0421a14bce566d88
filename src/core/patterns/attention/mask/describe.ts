import { equal } from "../../../expr";
import type { Dim } from "../../../facts/fact";
import type { AttentionSizes } from "../../../ops/attentionSizes";
import type { SearchGraph } from "../graph";
import type { MaskOperand } from "../scorePath";
import type { AttentionMask } from "../types";
import { type MaskParts, type MaskReader, merged } from "./reader";

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
  const parts = merged(operands.map(({ value }) => reader.look(value)));
  const kind = operands.some((operand) => operand.kind === "chosen") ? "chosen" : "added";
  return { kind, ...hidden(search, parts, sizes) };
}

/** What the parts of a mask say of a block of these sizes. */
export function hidden(
  search: SearchGraph,
  parts: MaskParts,
  { queryLength, keyLength }: AttentionSizes,
): Omit<AttentionMask, "kind"> {
  const [window] = [...parts.windows].sort((a, b) => a.keys - b.keys);
  const [table] = parts.tables;
  const fits = ({ rows }: { readonly rows: Dim }) =>
    rows === undefined || queryLength === undefined || typeof rows === "number" || equal(rows, queryLength);
  const triangle = parts.causal.find(fits);
  const base = { window: window?.keys, relativeBias: table !== undefined };
  if (triangle !== undefined) {
    const evidence = window === undefined ? triangle.evidence : `${triangle.evidence}; ${window.evidence}`;
    return { causal: true, ...base, evidence };
  }
  const unread = [
    ...parts.opaque,
    ...parts.inputs.filter((input) => hasRowPerQuery(search.fact(input).shape, queryLength, keyLength)),
  ];
  if (unread.length > 0) {
    return { causal: undefined, ...base, evidence: `${unread.join(", ")} decides` };
  }
  const evidence = window?.evidence ?? table ?? parts.inputs.join(", ");
  return { causal: false, ...base, evidence };
}

/** A mask that a caller gives for queries and keys, not for keys alone. */
function hasRowPerQuery(shape: readonly Dim[] | undefined, queries: Dim, keys: Dim): boolean {
  if (shape === undefined || shape.length < 2 || shape.at(-2) === 1) {
    return false;
  }
  const isSame = (a: Dim, b: Dim) => a !== undefined && b !== undefined && equal(a, b);
  return isSame(shape.at(-2), queries) && isSame(shape.at(-1), keys);
}
