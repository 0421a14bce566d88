import { ModelError } from "../errors";
import type { Json, TensorRef } from "../model/types";
import { decodeFloats } from "./decode";
import { bitsPerElement, type DType } from "./dtype";
import { toHalf } from "./half";
import type { Kernel } from "./kernels";
import type { TensorReader } from "./reader";
import { CHUNK_BYTES, elementCount } from "./size";

/** Symmetric int8 uses -127…127, so that the scale is the same on both sides of zero. */
const LARGEST = 127;
/** Added and taken away again, it leaves a number rounded to the nearest integer, ties to even: ulp 1 at 1.5·2^52. */
const ROUNDER = 1.5 * 2 ** 52;

/** Where the channel of an element is found: channel = floor(i / inner) mod channels. */
export interface ChannelLayout {
  readonly channels: number;
  readonly inner: number;
}

export function channelLayout(tensor: TensorRef, axis: number): ChannelLayout {
  const channels = tensor.dims[axis];
  if (channels === undefined) {
    throw new ModelError("inconsistent", `Tensor ${tensor.name} has no axis ${axis}.`, {
      tensor: tensor.name,
    });
  }
  return { channels, inner: tensor.dims.slice(axis + 1).reduce((product, dim) => product * dim, 1) };
}

/** The stretches of one channel inside a chunk that starts at element `first`: indices into the chunk. */
function eachRun(
  { channels, inner }: ChannelLayout,
  first: number,
  count: number,
  visit: (from: number, to: number, channel: number) => void,
): void {
  let channel = Math.floor(first / inner) % channels;
  let from = 0;
  for (let left = inner - (first % inner); from < count; left = inner) {
    const to = Math.min(count, from + left);
    visit(from, to, channel);
    from = to;
    channel = channel + 1 === channels ? 0 : channel + 1;
  }
}

const known = new WeakMap<TensorRef, Map<number, Float32Array>>();

/**
 * One scale per slice along `axis`: max|w| / 127 over the finite weights, and 1 for a slice of zeros. Reads the weights
 * once; the answer is kept as long as the tensor lives.
 */
export function channelScales(tensor: TensorRef, axis: number, reader: TensorReader): Float32Array {
  const perAxis = known.get(tensor) ?? new Map<number, Float32Array>();
  known.set(tensor, perAxis);
  const existing = perAxis.get(axis);
  if (existing !== undefined) {
    return existing;
  }
  const layout = channelLayout(tensor, axis);
  reader.demandPresent(tensor);
  const largest = new Float32Array(layout.channels);
  reader.floats(tensor, (values, first) => {
    eachRun(layout, first, values.length, (from, to, channel) => {
      let most = largest[channel]!;
      for (let index = from; index < to; index++) {
        const size = Math.abs(values[index]!);
        if (size > most && size !== Number.POSITIVE_INFINITY) {
          most = size;
        }
      }
      largest[channel] = most;
    });
  });
  const scales = largest.map((size) => (size > 0 ? size / LARGEST : 1));
  perAxis.set(axis, scales);
  return scales;
}

/** q = clip(round(w / scale), -127, 127), the quotient in float32 as ONNX divides; NaN becomes 0. */
export function quantizeToInt8(value: number, scale: number): number {
  const q = Math.fround(value / scale) + ROUNDER - ROUNDER;
  return q > LARGEST ? LARGEST : q < -LARGEST ? -LARGEST : q || 0;
}

/** float16 bits of scales, rounded up: a scale that was rounded down would clip the largest weights. */
function halfScaleBits(scales: Float32Array): Uint16Array {
  const bits = Uint16Array.from(scales, toHalf);
  const rounded = decodedHalves(bits);
  return bits.map((code, channel) => (rounded[channel]! < scales[channel]! ? code + 1 : code));
}

function decodedHalves(bits: Uint16Array): Float32Array {
  const values = new Float32Array(bits.length);
  decodeFloats("float16", new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength), bits.length, values);
  return values;
}

/** What a runtime multiplies with: a scale that is stored as float16 has been rounded. */
export function storedScales(scales: Float32Array, dtype: DType): Float32Array {
  return dtype === "float16" ? decodedHalves(halfScaleBits(scales)) : scales;
}

/** How far the weights move when they become int8. Weights that are no finite numbers are counted and left out. */
export interface QuantizationError {
  /** Σw² and Σ(w - ŵ)². */
  readonly signal: number;
  readonly noise: number;
  readonly maxAbsError: number;
  readonly notFinite: number;
}

export function int8Error(weight: TensorRef, axis: number, reader: TensorReader): QuantizationError {
  const layout = channelLayout(weight, axis);
  const scales = storedScales(channelScales(weight, axis, reader), weight.dtype);
  let signal = 0;
  let noise = 0;
  let maxAbsError = 0;
  let notFinite = 0;
  reader.floats(weight, (values, first) => {
    eachRun(layout, first, values.length, (from, to, channel) => {
      const scale = scales[channel]!;
      for (let index = from; index < to; index++) {
        const value = values[index]!;
        const error = Math.abs(value - quantizeToInt8(value, scale) * scale);
        if (!Number.isFinite(error)) {
          notFinite++;
          continue;
        }
        signal += value * value;
        noise += error * error;
        if (error > maxAbsError) {
          maxAbsError = error;
        }
      }
    });
  });
  return { signal, noise, maxAbsError, notFinite };
}

function axisOf(params: { readonly [key: string]: Json }): number {
  return Number(params["axis"]);
}

export const int8PerChannelScales: Kernel = {
  *run([weight], params, target, reader) {
    const scales = channelScales(weight!, axisOf(params), reader);
    yield target.dtype === "float16"
      ? new Uint8Array(halfScaleBits(scales).buffer)
      : new Uint8Array(Float32Array.from(scales).buffer);
  },
};

export const int8PerChannelWeights: Kernel = {
  *run([weight], params, _target, reader) {
    const axis = axisOf(params);
    const { dtype } = weight!;
    const layout = channelLayout(weight!, axis);
    const scales = storedScales(channelScales(weight!, axis, reader), dtype);
    const bits = bitsPerElement(dtype);
    const total = elementCount(weight!);
    const longest = Math.min(total, Math.ceil((CHUNK_BYTES * 8) / bits));
    const values = new Float32Array(longest);
    const out = new Int8Array(longest);
    let first = 0;
    for (const chunk of reader.raw(weight!)) {
      const count = Math.min(total - first, Math.floor((chunk.length * 8) / bits));
      decodeFloats(dtype, chunk, count, values);
      eachRun(layout, first, count, (from, to, channel) => {
        const scale = scales[channel]!;
        for (let index = from; index < to; index++) {
          out[index] = quantizeToInt8(values[index]!, scale);
        }
      });
      first += count;
      yield new Uint8Array(out.buffer, 0, count);
    }
  },
};
