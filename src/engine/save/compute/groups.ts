import type { TensorRef } from "../../../core/model/types";
import { byteLength } from "../../../core/tensor/reader";

/** Results up to this size are kept until they are asked for; larger ones wait in the worker. */
export const SMALL_BYTES = 64 * 1024;

/**
 * Derived tensors, in the order in which they are wanted, as tasks for workers: those of one source together, since they
 * share a look at it (scales, then the weights that they are for). A large tensor joins only what stands directly
 * before it: a worker that computed it too early would wait with it, and nobody could take what comes first.
 */
export function taskGroups(tensors: readonly TensorRef[]): readonly (readonly TensorRef[])[] {
  const groups: TensorRef[][] = [];
  const bySource = new Map<TensorRef, TensorRef[]>();
  for (const tensor of tensors) {
    const source = tensor.data.kind === "derived" ? tensor.data.from[0] : undefined;
    const existing = source === undefined ? undefined : bySource.get(source);
    if (existing !== undefined && (existing === groups.at(-1) || byteLength(tensor) <= SMALL_BYTES)) {
      existing.push(tensor);
      continue;
    }
    const group = [tensor];
    groups.push(group);
    if (source !== undefined) {
      bySource.set(source, group);
    }
  }
  return groups;
}
