import { add, ceilDiv, floorDiv, min, mul, sub } from "../expr";
import type { Dim } from "../facts/fact";
import type { OpContext } from "./spec";

/** How a kernel slides along one spatial axis. */
export interface Axis {
  readonly kernel: Dim;
  readonly stride: number;
  readonly dilation: number;
  readonly begin: number;
  readonly end: number;
}

/** Attributes of Conv and the pools, for every spatial axis. */
export interface Window {
  readonly axes: readonly Axis[];
  /** "NOTSET", "VALID", "SAME_UPPER" or "SAME_LOWER". */
  readonly autoPad: string;
  readonly ceil: boolean;
}

/** Reads strides, pads, dilations, auto_pad and ceil_mode for a kernel of these sizes. */
export function windowOf(ctx: OpContext, kernel: readonly Dim[]): Window {
  const strides = ctx.ints("strides");
  const dilations = ctx.ints("dilations");
  const pads = ctx.ints("pads");
  const autoPad = ctx.string("auto_pad", "NOTSET");
  const padded = autoPad === "NOTSET" || autoPad === "";
  const axes = kernel.map((size, axis) => ({
    kernel: size,
    stride: strides?.[axis] ?? 1,
    dilation: dilations?.[axis] ?? 1,
    begin: padded ? (pads?.[axis] ?? 0) : 0,
    end: padded ? (pads?.[axis + kernel.length] ?? 0) : 0,
  }));
  return { axes, autoPad, ceil: ctx.int("ceil_mode", 0) !== 0 };
}

/** Extent of a dilated kernel: (k - 1)·d + 1. */
export function extent({ kernel, dilation }: Axis): Dim {
  return kernel === undefined ? undefined : add(mul(sub(kernel, 1), dilation), 1);
}

/** Positions of a sliding window on one axis (ONNX Conv, MaxPool): floor or ceil((in + pads - extent) / stride) + 1. */
export function positions(input: Dim, axis: Axis, window: Window): Dim {
  if (input === undefined || axis.stride < 1) {
    return undefined;
  }
  if (window.autoPad.startsWith("SAME")) {
    return ceilDiv(input, axis.stride);
  }
  const reach = extent(axis);
  if (reach === undefined) {
    return undefined;
  }
  const room = sub(add(input, axis.begin + axis.end), reach);
  if (!window.ceil) {
    return typeof room === "number" && room < 0 ? undefined : add(floorDiv(room, axis.stride), 1);
  }
  // One window may be larger than its input: pooling over all of an image of any size is written so.
  const count = add(ceilDiv(room, axis.stride), 1);
  if (typeof count === "number" && count < 0) {
    return undefined;
  }
  // A last window that would start in the end padding is dropped; that cannot happen while the kernel covers it.
  const covered = typeof reach === "number" && axis.end + axis.stride <= reach;
  return covered ? count : min(count, ceilDiv(add(input, axis.begin), axis.stride));
}

/** Output sizes of all spatial axes. */
export function slide(input: readonly Dim[] | undefined, window: Window): readonly Dim[] {
  return window.axes.map((axis, index) => positions(input?.[index], axis, window));
}
