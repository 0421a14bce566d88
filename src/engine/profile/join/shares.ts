import type { Node } from "../../../core/model/types";
import type { ModelState } from "../../session/state";

/** Static amounts of nodes at the bindings of a profile, by position in the model's list of nodes. */
export type Figures = Pick<ModelState, "positionOf" | "columns">;

export interface Shares {
  /** Parts of the kernel's time for each node; they add up to 1. */
  readonly parts: readonly number[];
  /** What they are in proportion to. */
  readonly rule: "FLOPs" | "bytes" | "number";
}

/**
 * How the time of one kernel is divided among the nodes that it covers: in proportion to their FLOPs, which is what
 * most fused kernels spend their time on; where none has FLOPs, to the bytes that they move; else evenly.
 */
export function sharesOf(nodes: readonly Node[], { positionOf, columns }: Figures): Shares {
  const at = (column: Float64Array) => nodes.map((node) => column[positionOf.get(node.id) ?? -1] || 0);
  const read = at(columns.readBytes);
  const written = at(columns.writeBytes);
  const bytes = read.map((amount, index) => amount + written[index]!);
  return (
    inProportion(at(columns.flops), "FLOPs") ??
    inProportion(bytes, "bytes") ?? { parts: nodes.map(() => 1 / nodes.length), rule: "number" }
  );
}

function inProportion(amounts: readonly number[], rule: Shares["rule"]): Shares | undefined {
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  return total > 0 ? { parts: amounts.map((amount) => amount / total), rule } : undefined;
}
