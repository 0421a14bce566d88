import { indexOf } from "../../edit/graphIndex";
import { isGivenOut, type Read, readsOf } from "../../edit/graphs";
import type { Graph, Node, TensorRef } from "../../model/types";
import { fixedTensor } from "../constantResult";
import type { ModelContext } from "../types";
import { halfInputs } from "./operators";

export interface Choice {
  /** Operators, or names of nodes, that stay in float32. */
  readonly keep: ReadonlySet<string>;
  /** Inputs and outputs of the model stay float32. */
  readonly keepInterface: boolean;
}

export interface HalfWeight {
  readonly tensor: TensorRef;
  /** Something goes on reading it as float32. */
  readonly stays: boolean;
}

/** What of the main graph becomes float16. Nodes inside of branches, bodies and functions stay as they are. */
export interface HalfPlan {
  readonly nodes: ReadonlySet<Node>;
  /** Weights that these nodes read, by name. */
  readonly weights: ReadonlyMap<string, HalfWeight>;
}

export function planHalf(context: ModelContext, choice: Choice): HalfPlan {
  const { graph } = context.model;
  const nodes = new Set(graph.nodes.filter((node) => canBeHalf(context, node, choice)));
  keepBetweenKept(context, nodes);
  const weights = new Map<string, HalfWeight>();
  for (const node of nodes) {
    for (const index of halfInputs(node) ?? []) {
      const name = node.inputs[index] ?? "";
      const tensor = weights.has(name) ? undefined : fixedTensor(graph, name);
      if (tensor !== undefined) {
        const stays =
          isGivenOut(graph, name) || readsOf(graph, name).some((read) => !readsHalf(graph, nodes, read));
        weights.set(name, { tensor, stays });
      }
    }
  }
  return { nodes, weights };
}

/** True when the plan makes a node's input float16. */
export function readsHalf(graph: Graph, nodes: ReadonlySet<Node>, read: Read): boolean {
  return (
    read.graph === graph && nodes.has(read.node) && (halfInputs(read.node)?.includes(read.index) ?? false)
  );
}

function canBeHalf({ model, inference }: ModelContext, node: Node, { keep }: Choice): boolean {
  const { graph } = model;
  const inputs = halfInputs(node);
  if (inputs === undefined || keep.has(node.opType) || keep.has(node.name)) {
    return false;
  }
  const names = inputs.map((index) => node.inputs[index] ?? "").filter((name) => name !== "");
  return (
    names.length > 0 &&
    names.every((name) => inference.fact(graph, name).dtype === "float32") &&
    names.every((name) => fixedTensor(graph, name)?.sparse === undefined)
  );
}

/**
 * A node between nodes that stay in float32 would add nothing but roundings and Casts. In a normalisation that is
 * written out, that is where the epsilon is added, which float16 does not hold.
 */
function keepBetweenKept({ model: { graph } }: ModelContext, nodes: Set<Node>): void {
  const { makers } = indexOf(graph);
  for (let changed = true; changed; ) {
    changed = false;
    for (const node of nodes) {
      const sources = node.inputs
        .filter((input) => fixedTensor(graph, input) === undefined)
        .flatMap((input) => makers.get(input));
      const readers = node.outputs.flatMap((output) => readsOf(graph, output).map((read) => read.node));
      if (
        sources.length > 0 &&
        readers.length > 0 &&
        [...sources, ...readers].every((other) => !nodes.has(other)) &&
        !node.outputs.some((output) => isGivenOut(graph, output))
      ) {
        nodes.delete(node);
        changed = true;
      }
    }
  }
}
