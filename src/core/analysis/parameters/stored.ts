import { allGraphs } from "../../edit/graphs";
import type { Graph, Model, Node, TensorRef } from "../../model/types";
import { canonicalDomain } from "../../ops/index";
import type { Use, Uses } from "./uses";

/** A tensor that the model stores, and who reads it. */
export interface StoredTensor {
  /** The initializer's name, or that of the Constant's output. */
  readonly name: string;
  readonly graph: Graph;
  readonly tensor: TensorRef;
  /** The Constant that holds it; undefined for an initializer. */
  readonly constant: Node | undefined;
  readonly uses: readonly Use[];
  /** Uses past operators that only hand the numbers on. */
  readonly finalUses: readonly Use[];
}

/** All initializers and Constants with a tensor, of all graphs in file order. */
export function storedTensors(model: Model, uses: Uses): StoredTensor[] {
  const found: StoredTensor[] = [];
  for (const graph of allGraphs(model)) {
    const add = (name: string, tensor: TensorRef, constant: Node | undefined): void => {
      found.push({
        name,
        graph,
        tensor,
        constant,
        uses: uses.of(graph, name),
        finalUses: uses.final(graph, name),
      });
    };
    for (const [name, tensor] of graph.initializers) {
      add(name, tensor, undefined);
    }
    for (const node of graph.nodes) {
      const name = node.outputs[0] ?? "";
      const value = isConstant(node) ? node.attributes.get("value") : undefined;
      if (value?.type === "tensor" && name !== "") {
        add(name, value.value, node);
      }
    }
  }
  return found;
}

function isConstant({ domain, opType }: Node): boolean {
  return opType === "Constant" && canonicalDomain(domain) === "";
}
