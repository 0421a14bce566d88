import { type ChannelLayout, Runs } from "../channels";
import { CHUNK_BYTES } from "../size";
import { INT8_MODULE } from "./int8Module";

/** What is used of WebAssembly, which every Node has and the language's own types leave out. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Int8Exports };
};

interface Int8Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  raise(values: number, channels: number, result: number, count: number, step: number): void;
  quantize(values: number, channels: number, result: number, count: number, step: number): void;
}

const PAGE_BYTES = 65_536;
/** Values that are worked on at a time; more are cut into so many. */
const VALUES = CHUNK_BYTES / 4;
const VALUES_AT = 0;
const RESULT_AT = VALUES_AT + 4 * VALUES;
/** Four numbers of one channel, for runs within its slice. */
const SINGLE_AT = RESULT_AT + VALUES;
const CHANNELS_AT = SINGLE_AT + 64;
/** Shorter runs are not worth a call. */
const WORTH = 32;

/** The loops over the weights of a tensor; memory is of fixed size and used again by the next tensor. */
export class Int8Loops {
  private readonly exports: Int8Exports;
  private values = new Float32Array();
  private bits = new Int32Array();
  private result = new Int8Array();
  private single = new Float32Array();
  private channels = new Float32Array();
  private sizes = new Int32Array();

  constructor(module: object) {
    this.exports = new WebAssembly.Instance(module).exports;
  }

  /** Makes room for numbers of so many channels, all 0. */
  begin(channels: number): void {
    const { memory } = this.exports;
    const missing = CHANNELS_AT + 4 * channels - memory.buffer.byteLength;
    if (missing > 0) {
      memory.grow(Math.ceil(missing / PAGE_BYTES));
    }
    const { buffer } = memory;
    this.values = new Float32Array(buffer, VALUES_AT, VALUES);
    this.bits = new Int32Array(buffer, VALUES_AT, VALUES);
    this.result = new Int8Array(buffer, RESULT_AT, VALUES);
    this.single = new Float32Array(buffer, SINGLE_AT, 4);
    this.channels = new Float32Array(buffer, CHANNELS_AT, channels).fill(0);
    this.sizes = new Int32Array(buffer, CHANNELS_AT, channels);
  }

  /** Largest size of each channel so far, over weights that are finite. */
  get largest(): Float32Array {
    return this.channels.slice();
  }

  setScales(scales: Float32Array): void {
    this.channels.set(scales);
  }

  raise(values: Float32Array, layout: ChannelLayout, first: number): void {
    for (const { piece, start } of pieces(values, first)) {
      this.values.set(piece);
      const runs = new Runs(layout, start, piece.length);
      while (runs.next()) {
        this.raiseRun(runs);
      }
    }
  }

  /** Codes of the values; each piece is valid until the next is asked for. */
  *quantize(values: Float32Array, layout: ChannelLayout, first: number): Generator<Int8Array> {
    for (const { piece, start } of pieces(values, first)) {
      this.values.set(piece);
      const runs = new Runs(layout, start, piece.length);
      while (runs.next()) {
        this.quantizeRun(runs);
      }
      yield this.result.subarray(0, piece.length);
    }
  }

  private raiseRun({ from, to, channel, step }: Runs): void {
    let at = from;
    if (to - from >= WORTH) {
      const count = (to - from) >> 2;
      const channels = step === 0 ? SINGLE_AT : CHANNELS_AT + 4 * channel;
      this.single.fill(0);
      this.exports.raise(VALUES_AT + 4 * from, channels, 0, count, 16 * step);
      at += 4 * count;
      if (step === 0) {
        this.channels[channel] = Math.max(this.channels[channel]!, ...this.single);
      }
    }
    for (; at < to; at++) {
      const size = this.bits[at]! & 0x7fff_ffff;
      const place = channel + step * (at - from);
      if (size > this.sizes[place]! && size < 0x7f80_0000) {
        this.sizes[place] = size;
      }
    }
  }

  private quantizeRun({ from, to, channel, step }: Runs): void {
    let at = from;
    if (to - from >= WORTH) {
      const count = (to - from) >> 4;
      const channels = step === 0 ? SINGLE_AT : CHANNELS_AT + 4 * channel;
      this.single.fill(this.channels[channel]!);
      this.exports.quantize(VALUES_AT + 4 * from, channels, RESULT_AT + from, count, 16 * step);
      at += 16 * count;
    }
    for (; at < to; at++) {
      const scale = this.channels[channel + step * (at - from)]!;
      this.result[at] = quantizeToInt8(this.values[at]!, scale);
    }
  }
}

function* pieces(
  values: Float32Array,
  first: number,
): Generator<{ readonly piece: Float32Array; readonly start: number }> {
  for (let at = 0; at < values.length; at += VALUES) {
    yield { piece: values.subarray(at, at + VALUES), start: first + at };
  }
}

/** Added and taken away again, it leaves a number rounded to the nearest integer, ties to even: ulp 1 at 1.5·2^52. */
const ROUNDER = 1.5 * 2 ** 52;
/** Symmetric int8 uses -127…127, so that the scale is the same on both sides of zero. */
export const LARGEST_INT8 = 127;

/** q = clip(round(w / scale), -127, 127), the quotient in float32 as ONNX divides; NaN becomes 0. */
export function quantizeToInt8(value: number, scale: number): number {
  const q = Math.fround(value / scale) + ROUNDER - ROUNDER;
  return q > LARGEST_INT8 ? LARGEST_INT8 : q < -LARGEST_INT8 ? -LARGEST_INT8 : q || 0;
}

const idle: Int8Loops[] = [];
let compiled: object | undefined;

/**
 * Lends loops for one tensor. They go from one tensor to the next, since WebAssembly's memory is freed late.
 */
export function borrowLoops(channels: number): Int8Loops {
  compiled ??= new WebAssembly.Module(INT8_MODULE);
  const loops = idle.pop() ?? new Int8Loops(compiled);
  loops.begin(channels);
  return loops;
}

export function returnLoops(loops: Int8Loops): void {
  idle.push(loops);
}
