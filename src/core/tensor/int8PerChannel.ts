import { ModelError } from "../errors";
import type { Json, TensorRef } from "../model/types";
import { decodeFloats } from "./decode";
import type { DType } from "./dtype";
import { toHalf } from "./half";
import type { Kernel } from "./kernels";
import type { TensorReader } from "./reader";

/** Symmetric int8 uses -127…127, so that the scale is the same on both sides of zero. */
const LARGEST = 127;
/** Added and taken away again, it leaves a number rounded to the nearest integer, ties to even: ulp 1 at 1.5·2^52. */
const ROUNDER = 1.5 * 2 ** 52;
/** Of the bits of a float32: all but the sign, those of infinity, and the smallest number with all its digits. */
const SIZE_BITS = 0x7fff_ffff;
const INFINITY_BITS = 0x7f80_0000;
const SMALLEST_NORMAL = 2 ** -126;

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

interface Scaling {
  readonly scales: Float32Array;
  /** No quotient of a weight and its scale can be beyond ±127: all weights are finite, and no scale has lost digits. */
  readonly isTame: boolean;
}

const known = new WeakMap<TensorRef, Map<number, Scaling>>();

/**
 * One scale per slice along `axis`: max|w| / 127 over the finite weights, and 1 for a slice of zeros. Reads the weights
 * once; the answer is kept as long as the tensor lives.
 */
export function channelScales(tensor: TensorRef, axis: number, reader: TensorReader): Float32Array {
  return scaling(tensor, axis, reader).scales;
}

function scaling(tensor: TensorRef, axis: number, reader: TensorReader): Scaling {
  const perAxis = known.get(tensor) ?? new Map<number, Scaling>();
  known.set(tensor, perAxis);
  const existing = perAxis.get(axis);
  if (existing !== undefined) {
    return existing;
  }
  const layout = channelLayout(tensor, axis);
  reader.demandPresent(tensor);
  const largest = new Int32Array(layout.channels);
  let allFinite = true;
  reader.floats(tensor, (values, first) => {
    const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
    allFinite = raiseLargest(largest, bits, new Runs(layout, first, values.length)) && allFinite;
  });
  const scales = new Float32Array(largest.buffer).map((size) => (size > 0 ? size / LARGEST : 1));
  const found = { scales, isTame: allFinite && scales.every((scale) => scale >= SMALLEST_NORMAL) };
  perAxis.set(axis, found);
  return found;
}

/**
 * Sizes compare as their bits do, and integers are compared faster than floats. Weights that are not finite are passed
 * over; false when there are any.
 */
function raiseLargest(largest: Int32Array, bits: Int32Array, runs: Runs): boolean {
  let allFinite = true;
  while (runs.next()) {
    const { from, to, channel, step } = runs;
    if (step === 0) {
      let most = largest[channel]!;
      for (let index = from; index < to; index++) {
        const size = bits[index]! & SIZE_BITS;
        if (size > most) {
          if (size < INFINITY_BITS) {
            most = size;
          } else {
            allFinite = false;
          }
        }
      }
      largest[channel] = most;
      continue;
    }
    for (let index = from, at = channel; index < to; index++, at++) {
      const size = bits[index]! & SIZE_BITS;
      if (size > largest[at]!) {
        if (size < INFINITY_BITS) {
          largest[at] = size;
        } else {
          allFinite = false;
        }
      }
    }
  }
  return allFinite;
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
    const { scales: exact, isTame } = scaling(weight!, axis, reader);
    const scales = storedScales(exact, dtype);
    const quantize = isTame ? tameQuantizer(scales) : carefulQuantizer(scales);
    let out = new Int8Array(0);
    let first = 0;
    for (const values of reader.floatChunks(weight!)) {
      if (values.length > out.length) {
        out = new Int8Array(values.length);
      }
      quantize(values, out, new Runs(layout, first, values.length));
      first += values.length;
      yield new Uint8Array(out.buffer, 0, values.length);
    }
  },
};

type Quantizer = (values: Float32Array, out: Int8Array, runs: Runs) => void;

function carefulQuantizer(scales: Float32Array): Quantizer {
  return (values, out, runs) => {
    while (runs.next()) {
      const { from, to, channel, step } = runs;
      for (let index = from, at = channel; index < to; index++, at += step) {
        out[index] = quantizeToInt8(values[index]!, scales[at]!);
      }
    }
  };
}

/**
 * The same numbers by multiplying, which takes a fraction of the time. A quotient of two float32 is at least 2^-49 of
 * itself away from where float32 rounds the other way (it cannot be in the very middle, for then the weight had more
 * than 24 digits), and multiplying by a reciprocal in doubles errs by 2^-52.
 */
function tameQuantizer(scales: Float32Array): Quantizer {
  const factors = Float64Array.from(scales, (scale) => 1 / scale);
  return (values, out, runs) => {
    while (runs.next()) {
      const { from, to, channel, step } = runs;
      if (step === 0) {
        const factor = factors[channel]!;
        for (let index = from; index < to; index++) {
          out[index] = (Math.fround(values[index]! * factor) + ROUNDER - ROUNDER) | 0;
        }
        continue;
      }
      for (let index = from, at = channel; index < to; index++, at++) {
        out[index] = (Math.fround(values[index]! * factors[at]!) + ROUNDER - ROUNDER) | 0;
      }
    }
  };
}
