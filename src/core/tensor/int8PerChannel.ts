import type { Json, TensorRef } from "../model/types";
import { channelLayout, Runs } from "./channels";
import { decodeFloats } from "./decode";
import type { DType } from "./dtype";
import { toHalf } from "./half";
import type { Kernel } from "./kernels";
import type { TensorReader } from "./reader";
import { borrowLoops, LARGEST_INT8, quantizeToInt8, returnLoops } from "./simd/int8Loops";

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
  const loops = borrowLoops(layout.channels);
  try {
    reader.floats(tensor, (values, first) => loops.raise(values, layout, first));
    const scales = loops.largest.map((size) => (size > 0 ? size / LARGEST_INT8 : 1));
    perAxis.set(axis, scales);
    return scales;
  } finally {
    returnLoops(loops);
  }
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
    const loops = borrowLoops(layout.channels);
    try {
      loops.setScales(scales);
      let first = 0;
      for (const values of reader.floatChunks(weight!)) {
        for (const codes of loops.quantize(values, layout, first)) {
          yield new Uint8Array(codes.buffer, codes.byteOffset, codes.length);
        }
        first += values.length;
      }
    } finally {
      returnLoops(loops);
    }
  },
};
