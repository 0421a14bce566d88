import type { TensorRef } from "../../model/types";
import { bitsPerElement } from "../../tensor/dtype";
import type { TensorReader } from "../../tensor/reader";
import { elementCount } from "../../tensor/size";

/** Constants of one item repeated are small next to weights: masks, tokens, states to start with. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The first item along an axis of a tensor whose items are all the same; undefined where they differ. */
export function firstOfAlike(tensor: TensorRef, axis: number, reader: TensorReader): TensorRef | undefined {
  const width = bitsPerElement(tensor.dtype) / 8;
  const bytes = elementCount(tensor) * width;
  if (tensor.sparse !== undefined || width < 1 || !(bytes <= MAX_BYTES)) {
    return undefined;
  }
  const all = new Uint8Array(bytes);
  let filled = 0;
  for (const chunk of reader.raw(tensor)) {
    all.set(chunk, filled);
    filled += chunk.length;
  }
  const size = tensor.dims[axis]!;
  const item = tensor.dims.slice(axis + 1).reduce((product, dim) => product * dim, width);
  const row = item * size;
  const first = new Uint8Array(bytes / size);
  for (let at = 0; at < bytes; at++) {
    const expected = at - (at % row) + (at % item);
    if (all[at] !== all[expected]) {
      return undefined;
    }
    if (at === expected) {
      first[(at - (at % row)) / size + (at % item)] = all[at]!;
    }
  }
  return {
    name: tensor.name,
    dtype: tensor.dtype,
    dims: tensor.dims.with(axis, 1),
    data: { kind: "memory", bytes: first },
  };
}
