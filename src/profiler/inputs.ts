import { Tensor } from "onnxruntime-node";
import { ModelError } from "../core/errors";
import type { InputSpec } from "../protocol/profiler";
import { normal, seededRandom } from "./random";

/** Elements made one by one; longer tensors repeat them, since making random numbers would take longer than a run. */
const PERIOD = 1 << 20;

type Element = (index: number) => number;
type Data = Exclude<Tensor.DataType, string[]>;
type Numbers = Exclude<Data, BigInt64Array | BigUint64Array>;

function filled<T extends Numbers>(array: T, element: Element): T {
  const made = Math.min(array.length, PERIOD);
  for (let index = 0; index < made; index++) {
    array[index] = element(index);
  }
  return repeated(array, made);
}

function filledBig<T extends BigInt64Array | BigUint64Array>(array: T, element: Element): T {
  const made = Math.min(array.length, PERIOD);
  for (let index = 0; index < made; index++) {
    array[index] = BigInt(Math.trunc(element(index)));
  }
  return repeated(array, made);
}

function repeated<T extends Data>(array: T, made: number): T {
  for (let at = made; at < array.length; at += made) {
    array.copyWithin(at, 0, Math.min(made, array.length - at));
  }
  return array;
}

const MAKERS: { readonly [dtype: string]: (length: number, element: Element) => Data } = {
  float32: (length, element) => filled(new Float32Array(length), element),
  float64: (length, element) => filled(new Float64Array(length), element),
  float16: (length, element) => filled(new Uint16Array(length), (index) => toHalf(element(index))),
  int8: (length, element) => filled(new Int8Array(length), element),
  uint8: (length, element) => filled(new Uint8Array(length), element),
  int16: (length, element) => filled(new Int16Array(length), element),
  uint16: (length, element) => filled(new Uint16Array(length), element),
  int32: (length, element) => filled(new Int32Array(length), element),
  uint32: (length, element) => filled(new Uint32Array(length), element),
  bool: (length, element) => filled(new Uint8Array(length), (index) => Number(element(index) !== 0)),
  int64: (length, element) => filledBig(new BigInt64Array(length), element),
  uint64: (length, element) => filledBig(new BigUint64Array(length), element),
};

/**
 * Makes the tensor that a spec describes; the same seed gives the same elements.
 *
 * @throws ModelError "unsupported" for a type that cannot be fed, "limit" when there is no memory for it
 */
export function makeInput(spec: InputSpec, seed: number): Tensor {
  const maker = MAKERS[spec.dtype];
  if (maker === undefined) {
    throw new ModelError(
      "unsupported",
      `Input ${spec.name} has the type ${spec.dtype}, which cannot be fed from here.`,
      { tensor: spec.name },
    );
  }
  const length = spec.shape.reduce((product, size) => product * size, 1);
  try {
    return new Tensor(spec.dtype as Tensor.Type, maker(length, elementOf(spec, seed)), spec.shape);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) {
      throw thrown;
    }
    throw new ModelError(
      "limit",
      `Input ${spec.name} of ${spec.shape.join("×")} elements does not fit into memory.`,
      { tensor: spec.name },
      "Choose smaller dims.",
    );
  }
}

function elementOf({ fill, shape }: InputSpec, seed: number): Element {
  const random = seededRandom(seed);
  switch (fill.kind) {
    case "normal":
      return () => normal(random);
    case "integers":
      return () => Math.floor(random() * fill.below);
    case "constant":
      return () => fill.value;
    case "arange": {
      const last = Math.max(1, shape.at(-1) ?? 1);
      return (index) => (index % last) % Math.max(1, fill.below);
    }
  }
}

/** IEEE binary16 bits of a number, rounded to nearest; what is too small for a normal half becomes zero. */
function toHalf(value: number): number {
  const [bits] = new Uint32Array(Float32Array.of(value).buffer);
  const sign = (bits! >>> 16) & 0x8000;
  const exponent = ((bits! >>> 23) & 0xff) - 112;
  if (exponent <= 0) {
    return sign;
  }
  if (exponent >= 31) {
    return sign | 0x7c00;
  }
  return (sign | (exponent << 10) | ((bits! & 0x7fffff) >>> 13)) + ((bits! >>> 12) & 1);
}
