import type { Graph, Model } from "../../model/types";
import type { Edit } from "../types";
import { demandFree, inconsistent, refillMap, type Step } from "./step";

type Of<K extends Edit["kind"]> = Extract<Edit, { readonly kind: K }>;

export function putTensor(model: Model, graph: Graph, { tensor }: Of<"putTensor">): Step {
  demandStorage(model, graph, tensor.name);
  demandFree(graph, tensor.name);
  return {
    forward: () => graph.initializers.set(tensor.name, tensor),
    backward: () => graph.initializers.delete(tensor.name),
  };
}

export function dropTensor(graph: Graph, { name }: Of<"dropTensor">): Step {
  if (!graph.initializers.has(name)) {
    throw inconsistent(graph, `There is no initializer ${name}.`);
  }
  const order = [...graph.initializers];
  return {
    forward: () => graph.initializers.delete(name),
    backward: () => refillMap(graph.initializers, order),
  };
}

function demandStorage(model: Model, graph: Graph, name: string): void {
  if (name === "") {
    throw inconsistent(graph, "An initializer needs a name.");
  }
  if (model.functions.some((definition) => definition.graph === graph)) {
    throw inconsistent(graph, `A function holds no initializers, so that ${name} cannot be put there.`);
  }
}
