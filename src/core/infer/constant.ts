import type { Fact } from "../facts/fact";
import type { TensorRef } from "../model/types";
import { type DType, isFloat } from "../tensor/dtype";

/** Reads all elements of a small tensor as numbers; undefined when they cannot be read. */
export type ReadSmall = (tensor: TensorRef) => readonly number[] | undefined;

/** Shapes, axes, pads and split sizes of real models fit; embedding tables of integers do not. */
const MAX_INTEGERS = 256;
/** Scales of Resize, bounds of Range, exponents of Pow. */
const MAX_FLOATS = 16;

const INTEGERS: ReadonlySet<DType> = new Set<DType>([
  "int64",
  "int32",
  "int16",
  "int8",
  "uint64",
  "uint32",
  "uint16",
  "uint8",
  "bool",
]);

/** Elements that were read once: an edit makes another tensor, so that later inferences need not read them again. */
const readBefore = new WeakMap<TensorRef, readonly number[]>();

/** Facts of an initializer. Its elements are read when somebody first asks for them, and only when they are few. */
export function constantFact(tensor: TensorRef, read: ReadSmall | undefined): Fact {
  const { dtype } = tensor;
  // A negative dim is a fault of the file, reported when it was read; no rule expects one.
  const shape = tensor.dims.map((dim) => (dim < 0 ? undefined : dim));
  if (read === undefined || !isSmall(tensor)) {
    return { dtype, shape };
  }
  const known = readBefore.get(tensor);
  if (known !== undefined) {
    return { dtype, shape, small: known };
  }
  let small: readonly number[] | undefined;
  let asked = false;
  const lazy = {
    dtype,
    shape,
    get small(): readonly number[] | undefined {
      if (!asked) {
        asked = true;
        small = read(tensor);
        if (small !== undefined) {
          readBefore.set(tensor, small);
        }
      }
      return small;
    },
  };
  // An own getter, so that a copy by spread keeps the elements; undefined then means absent.
  return lazy as Fact;
}

function isSmall(tensor: TensorRef): boolean {
  const count = tensor.dims.reduce((product, dim) => product * dim, 1);
  const limit = INTEGERS.has(tensor.dtype) ? MAX_INTEGERS : isFloat(tensor.dtype) ? MAX_FLOATS : 0;
  return count >= 0 && count <= limit && tensor.sparse === undefined;
}
