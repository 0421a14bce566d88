import type { TensorRef } from "../../../core/model/types";

/** Side files that tensors are computed from. */
export function locationsOf(tensors: Iterable<TensorRef>): Set<string> {
  const found = new Set<string>();
  const waiting = [...tensors];
  for (let tensor = waiting.pop(); tensor !== undefined; tensor = waiting.pop()) {
    if (tensor.data.kind === "external") {
      found.add(tensor.data.location);
    } else if (tensor.data.kind === "derived") {
      waiting.push(...tensor.data.from);
    }
  }
  return found;
}
