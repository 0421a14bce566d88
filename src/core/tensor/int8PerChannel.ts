import { ModelError } from "../errors";
import type { Json, TensorRef } from "../model/types";
import { decodeFloats } from "./decode";
import { bitsPerElement } from "./dtype";
import { roundHalfEven, toHalf } from "./half";
import type { Kernel } from "./kernels";
import { elementCount, type TensorReader } from "./reader";

/** Symmetric int8 uses -127…127, so that the scale is the same on both sides of zero. */
const LARGEST = 127;

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

const known = new WeakMap<TensorRef, Map<number, Float32Array>>();

/**
 * One scale per slice along `axis`: max|w| / 127, and 1 for a slice of zeros. Reads the weights once; the answer is
 * kept as long as the tensor lives.
 */
export function channelScales(tensor: TensorRef, axis: number, reader: TensorReader): Float32Array {
  const perAxis = known.get(tensor) ?? new Map<number, Float32Array>();
  known.set(tensor, perAxis);
  const existing = perAxis.get(axis);
  if (existing !== undefined) {
    return existing;
  }
  const { channels, inner } = channelLayout(tensor, axis);
  const largest = new Float32Array(channels);
  reader.floats(tensor, (values, first) => {
    let channel = Math.floor(first / inner) % channels;
    let left = inner - (first % inner);
    for (const value of values) {
      const size = Math.abs(value);
      if (size > largest[channel]!) {
        largest[channel] = size;
      }
      if (--left === 0) {
        left = inner;
        channel = channel + 1 === channels ? 0 : channel + 1;
      }
    }
  });
  const scales = largest.map((size) => (size > 0 && Number.isFinite(size) ? size / LARGEST : 1));
  perAxis.set(axis, scales);
  return scales;
}

/** q = clip(round(w / scale), -127, 127); NaN becomes 0. */
export function quantizeToInt8(value: number, scale: number): number {
  const q = roundHalfEven(value / scale);
  return q > LARGEST ? LARGEST : q < -LARGEST ? -LARGEST : q || 0;
}

/** What a runtime multiplies with: a scale that is stored as float16 has been rounded. */
export function storedScales(scales: Float32Array, dtype: string): Float32Array {
  if (dtype !== "float16") {
    return scales;
  }
  const bits = Uint16Array.from(scales, toHalf);
  const rounded = new Float32Array(scales.length);
  decodeFloats("float16", new Uint8Array(bits.buffer), scales.length, rounded);
  return rounded;
}

function axisOf(params: { readonly [key: string]: Json }): number {
  return Number(params["axis"]);
}

export const int8PerChannelScales: Kernel = {
  *run([weight], params, target, reader) {
    const scales = channelScales(weight!, axisOf(params), reader);
    yield target.dtype === "float16"
      ? new Uint8Array(Uint16Array.from(scales, toHalf).buffer)
      : new Uint8Array(Float32Array.from(scales).buffer);
  },
};

export const int8PerChannelWeights: Kernel = {
  *run([weight], params, _target, reader) {
    const axis = axisOf(params);
    const { channels, inner } = channelLayout(weight!, axis);
    const scales = storedScales(channelScales(weight!, axis, reader), weight!.dtype);
    const bits = bitsPerElement(weight!.dtype);
    const total = elementCount(weight!);
    let first = 0;
    for (const chunk of reader.raw(weight!)) {
      const count = Math.min(total - first, Math.floor((chunk.length * 8) / bits));
      const values = new Float32Array(count);
      decodeFloats(weight!.dtype, chunk, count, values);
      const out = new Int8Array(count);
      let channel = Math.floor(first / inner) % channels;
      let left = inner - (first % inner);
      for (let index = 0; index < count; index++) {
        out[index] = quantizeToInt8(values[index]!, scales[channel]!);
        if (--left === 0) {
          left = inner;
          channel = channel + 1 === channels ? 0 : channel + 1;
        }
      }
      first += count;
      yield new Uint8Array(out.buffer);
    }
  },
};
