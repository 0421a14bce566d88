import { allGraphs } from "../../core/edit/graphs";
import type { Model, TensorData, TensorRef } from "../../core/model/types";

export interface ExternalTensor {
  readonly tensor: TensorRef;
  readonly data: TensorData & { readonly kind: "external" };
}

/** Tensors of the model that lie in side files, by location, in file order. */
export function externalTensors(model: Model): Map<string, ExternalTensor[]> {
  const found = new Map<string, ExternalTensor[]>();
  for (const tensor of allTensors(model)) {
    const { data } = tensor;
    if (data.kind === "external") {
      const list = found.get(data.location);
      if (list === undefined) {
        found.set(data.location, [{ tensor, data }]);
      } else {
        list.push({ tensor, data });
      }
    }
  }
  return found;
}

/** Initializers and constants of all graphs; a sparse one as its values and its indices. */
function* allTensors(model: Model): Generator<TensorRef> {
  for (const graph of allGraphs(model)) {
    for (const tensor of graph.initializers.values()) {
      yield tensor;
      if (tensor.sparse !== undefined) {
        yield tensor.sparse.indices;
      }
    }
    for (const node of graph.nodes) {
      for (const attribute of node.attributes.values()) {
        if (attribute.type === "tensor") {
          yield attribute.value;
        } else if (attribute.type === "tensors") {
          yield* attribute.value;
        }
      }
    }
  }
}
