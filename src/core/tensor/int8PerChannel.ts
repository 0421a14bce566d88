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

/**
 * Stretches of a chunk that starts at element `first`, as indices into the chunk: the channel of the first element,
 * and how much it grows with each, 0 inside a channel's slice and 1 where the channels are the last axis. No callbacks,
 * since the loops over elements, through which gigabytes pass, are several times faster with variables of their own.
 */
export class Runs {
  from = 0;
  to = 0;
  channel: number;
  readonly step: 0 | 1;
  private readonly channels: number;
  private readonly period: number;
  private readonly count: number;
  private left: number;

  constructor({ channels, inner }: ChannelLayout, first: number, count: number) {
    this.channels = channels;
    this.step = inner === 1 ? 1 : 0;
    this.period = inner === 1 ? channels : inner;
    this.count = count;
    this.left = this.period - (first % this.period);
    // One before, since every step goes on to the next.
    this.channel = (Math.floor(first / inner) % channels) - 1;
  }

  next(): boolean {
    const isFirst = this.to === 0;
    this.from = this.to;
    if (this.from >= this.count) {
      return false;
    }
    this.to = Math.min(this.count, this.from + this.left);
    this.left = this.period;
    if (this.step === 0) {
      this.channel = this.channel + 1 === this.channels ? 0 : this.channel + 1;
    } else {
      this.channel = isFirst ? this.channel + 1 : 0;
    }
    return true;
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
  reader.floats(tensor, (values, first) =>
    raiseLargest(largest, values, new Runs(layout, first, values.length)),
  );
  const scales = largest.map((size) => (size > 0 ? size / LARGEST : 1));
  perAxis.set(axis, scales);
  return scales;
}

function raiseLargest(largest: Float32Array, values: Float32Array, runs: Runs): void {
  while (runs.next()) {
    const { from, to, channel, step } = runs;
    for (let index = from, at = channel; index < to; index++, at += step) {
      const size = Math.abs(values[index]!);
      if (size > largest[at]! && size !== Number.POSITIVE_INFINITY) {
        largest[at] = size;
      }
    }
  }
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
  let sum: QuantizationError = { signal: 0, noise: 0, maxAbsError: 0, notFinite: 0 };
  reader.floats(weight, (values, first) => {
    const part = errorOf(values, scales, new Runs(layout, first, values.length));
    sum = {
      signal: sum.signal + part.signal,
      noise: sum.noise + part.noise,
      maxAbsError: Math.max(sum.maxAbsError, part.maxAbsError),
      notFinite: sum.notFinite + part.notFinite,
    };
  });
  return sum;
}

function errorOf(values: Float32Array, scales: Float32Array, runs: Runs): QuantizationError {
  let signal = 0;
  let noise = 0;
  let maxAbsError = 0;
  let notFinite = 0;
  while (runs.next()) {
    const { from, to, channel, step } = runs;
    for (let index = from, at = channel; index < to; index++, at += step) {
      const value = values[index]!;
      const scale = scales[at]!;
      const error = Math.abs(value - quantizeToInt8(value, scale) * scale);
      // False for NaN as well.
      if (error < Number.POSITIVE_INFINITY) {
        signal += value * value;
        noise += error * error;
        maxAbsError = Math.max(maxAbsError, error);
      } else {
        notFinite++;
      }
    }
  }
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
      quantizeRuns(values, scales, out, new Runs(layout, first, count));
      first += count;
      yield new Uint8Array(out.buffer, 0, count);
    }
  },
};

function quantizeRuns(values: Float32Array, scales: Float32Array, out: Int8Array, runs: Runs): void {
  while (runs.next()) {
    const { from, to, channel, step } = runs;
    for (let index = from, at = channel; index < to; index++, at += step) {
      out[index] = quantizeToInt8(values[index]!, scales[at]!);
    }
  }
}
