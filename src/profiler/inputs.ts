import { Tensor } from "onnxruntime-node";
import { ModelError } from "../core/errors";
import type { InputSpec } from "../protocol/profiler";
import { normal, seededRandom } from "./random";

type Numbers = { [index: number]: number; readonly length: number };
type Maker = (length: number, element: (index: number) => number) => Tensor.DataType;

function filled<T extends Numbers>(array: T, element: (index: number) => number): T {
  for (let index = 0; index < array.length; index++) {
    array[index] = element(index);
  }
  return array;
}

const BIG = { int64: BigInt64Array, uint64: BigUint64Array };

function big(dtype: keyof typeof BIG, length: number, element: (index: number) => number): Tensor.DataType {
  const array = new BIG[dtype](length);
  for (let index = 0; index < length; index++) {
    array[index] = BigInt(Math.trunc(element(index)));
  }
  return array;
}

const MAKERS: { readonly [dtype: string]: Maker } = {
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
  int64: (length, element) => big("int64", length, element),
  uint64: (length, element) => big("uint64", length, element),
  string: (length) => new Array<string>(length).fill(""),
};

/** Makes the tensor that a spec describes; the same seed and position give the same elements. */
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
  return new Tensor(spec.dtype as Tensor.Type, maker(length, elementOf(spec, seed)) as never, spec.shape);
}

function elementOf(spec: InputSpec, seed: number): (index: number) => number {
  const random = seededRandom(seed);
  const { fill, shape } = spec;
  switch (fill.kind) {
    case "normal":
      return () => normal(random);
    case "integers":
      return () => Math.floor(random() * fill.below);
    case "ones":
      return () => 1;
    case "zeros":
      return () => 0;
    case "arange": {
      const last = Math.max(1, shape.at(-1) ?? 1);
      return (index) => index % last;
    }
  }
}

/** IEEE binary16 bits of a number, rounded to nearest; only for generated inputs, which are small. */
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
