import type { Json, TensorRef } from "../model/types";
import { toHalf } from "./half";
import type { Kernel } from "./kernels";
import type { TensorReader } from "./reader";

/** How a matrix of weights becomes small integers, a scale (and a zero point) for each block of one output's weights. */
export interface BlockForm {
  readonly bits: 2 | 4 | 8;
  /** Weights of a block: 16 to 256, a power of two. */
  readonly block: number;
  /** True: the zero point is the middle, 2^(bits - 1), and is not stored. */
  readonly symmetric: boolean;
  /** True for a matrix with a row for each output, as Gemm's transB has it; else outputs are columns. */
  readonly rowsAreOutputs: boolean;
}

/** Bytes of packed weights that are held at a time; a larger matrix is read once for each such part of its outputs. */
const PART_BYTES = 64 * 2 ** 20;
const fround = Math.fround;

/** Outputs (N), weights of each (K), blocks of each and bytes of a block, as MatMulNBits packs them. */
export function blockLayout(weight: TensorRef, { bits, block, rowsAreOutputs }: BlockForm) {
  const [first = 0, second = 0] = weight.dims;
  const [outputs, inputs] = rowsAreOutputs ? [first, second] : [second, first];
  const blocks = Math.ceil(inputs / block);
  return {
    outputs,
    inputs,
    blocks,
    blockBytes: (block * bits) / 8,
    zeroBytes: Math.ceil((blocks * bits) / 8),
  };
}

/**
 * Scale and zero point of a block from its smallest and largest weight, as onnxruntime's quantiser has them. Symmetric:
 * the weight of largest size becomes -2^(bits - 1). Asymmetric: the range, zero included, is cut into 2^bits - 1 steps.
 */
export function blockScale(
  least: number,
  most: number,
  { bits, symmetric }: BlockForm,
): { readonly scale: number; readonly zero: number } {
  const half = 2 ** (bits - 1);
  if (symmetric) {
    const largest = Math.abs(most) > Math.abs(least) ? most : least;
    return { scale: fround(largest / -half), zero: half };
  }
  const low = Math.min(least, 0);
  const scale = fround(fround(Math.max(most, 0) - low) / (2 ** bits - 1));
  const zero = scale === 0 ? 0 : Math.round(fround(0 - fround(low / scale)));
  return { scale, zero: Math.min(2 ** bits - 1, Math.max(0, zero)) };
}

/** The code of a weight: round(w / scale + zero), halves away from zero, kept inside of the bits. */
function codeOf(value: number, inverse: number, zero: number, top: number): number {
  const code = Math.floor(fround(fround(fround(value * inverse) + zero) + 0.5));
  // biome-ignore lint/complexity/useMathMinMax: NaN becomes 0 here, and stays NaN there
  return code > top ? top : code > 0 ? code : 0;
}

/** The weights of a block of one output, fewer in its last block, and the block's place among the output's blocks. */
type EachBlock = (values: Float32Array, output: number, block: number) => void;

/** Hands over all blocks of the outputs from `from` to `to`. */
function eachBlock(
  weight: TensorRef,
  form: BlockForm,
  { from, to }: { readonly from: number; readonly to: number },
  reader: TensorReader,
  each: EachBlock,
): void {
  const { outputs, inputs } = blockLayout(weight, form);
  const { block, rowsAreOutputs } = form;
  const width = rowsAreOutputs ? inputs : outputs;
  const held = new Float32Array(block * (rowsAreOutputs ? 1 : to - from));
  let row = 0;
  let column = 0;
  reader.floats(weight, (values) => {
    for (let at = 0; at < values.length; ) {
      const run = Math.min(values.length - at, width - column);
      if (rowsAreOutputs) {
        if (row >= from && row < to) {
          takeRow(values.subarray(at, at + run), row, column);
        }
      } else {
        takeColumns(values.subarray(at, at + run), column);
      }
      at += run;
      column += run;
      if (column === width) {
        column = 0;
        row += 1;
        if (!rowsAreOutputs && (row % block === 0 || row === inputs)) {
          giveColumns(Math.ceil(row / block) - 1);
        }
      }
    }
  });

  function takeRow(values: Float32Array, output: number, start: number): void {
    for (let index = 0; index < values.length; index++) {
      const place = (start + index) % block;
      held[place] = values[index]!;
      if (place === block - 1 || start + index === inputs - 1) {
        each(held.subarray(0, place + 1), output, Math.floor((start + index) / block));
      }
    }
  }

  function takeColumns(values: Float32Array, start: number): void {
    const place = row % block;
    const first = Math.max(0, from - start);
    const last = Math.min(values.length, to - start);
    for (let index = first; index < last; index++) {
      held[(start + index - from) * block + place] = values[index]!;
    }
  }

  function giveColumns(index: number): void {
    const count = Math.min(block, inputs - index * block);
    for (let output = from; output < to; output++) {
      const start = (output - from) * block;
      each(held.subarray(start, start + count), output, index);
    }
  }
}

/** Outputs in parts that are packed at a time. */
function* parts(
  weight: TensorRef,
  form: BlockForm,
): Generator<{ readonly from: number; readonly to: number }> {
  const { outputs, blocks, blockBytes } = blockLayout(weight, form);
  const size = Math.max(1, Math.floor(PART_BYTES / Math.max(1, blocks * blockBytes)));
  for (let from = 0; from < outputs; from += size) {
    yield { from, to: Math.min(outputs, from + size) };
  }
}

/** What is not finite has no part in the range. */
function scaleOf(values: Float32Array, form: BlockForm): { readonly scale: number; readonly zero: number } {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value - value === 0) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  return least > most ? blockScale(0, 0, form) : blockScale(least, most, form);
}

function formOf(params: { readonly [key: string]: Json }): BlockForm {
  const { bits, block, symmetric, rowsAreOutputs } = params as unknown as BlockForm;
  return { bits, block, symmetric, rowsAreOutputs };
}

/** Codes in the layout of MatMulNBits: uint8 [N, blocks, block·bits/8], the first weight in the lowest bits. */
export const blockWeights: Kernel = {
  *run([weight], params, _target, reader) {
    const form = formOf(params);
    const { blocks, blockBytes } = blockLayout(weight!, form);
    const top = 2 ** form.bits - 1;
    const perByte = 8 / form.bits;
    for (const part of parts(weight!, form)) {
      const out = new Uint8Array((part.to - part.from) * blocks * blockBytes);
      eachBlock(weight!, form, part, reader, (values, output, index) => {
        const { scale, zero } = scaleOf(values, form);
        const inverse = scale === 0 ? 0 : fround(1 / scale);
        const start = ((output - part.from) * blocks + index) * blockBytes;
        for (let at = 0; at < values.length; at++) {
          const code = codeOf(values[at]!, inverse, zero, top);
          out[start + Math.floor(at / perByte)]! |= code << ((at % perByte) * form.bits);
        }
      });
      yield out;
    }
  },
};

/** A scale for each block, [N, blocks], in the type of the target. */
export const blockScales: Kernel = {
  *run([weight], params, target, reader) {
    const form = formOf(params);
    const { blocks } = blockLayout(weight!, form);
    for (const part of parts(weight!, form)) {
      const scales = new Float32Array((part.to - part.from) * blocks);
      eachBlock(weight!, form, part, reader, (values, output, index) => {
        scales[(output - part.from) * blocks + index] = scaleOf(values, form).scale;
      });
      yield new Uint8Array((target.dtype === "float16" ? Uint16Array.from(scales, toHalf) : scales).buffer);
    }
  },
};

/** Zero points, [N, ceil(blocks·bits/8)], packed like the weights. */
export const blockZeros: Kernel = {
  *run([weight], params, _target, reader) {
    const form = formOf(params);
    const { zeroBytes, blocks } = blockLayout(weight!, form);
    const perByte = 8 / form.bits;
    const middle = 2 ** (form.bits - 1);
    for (const part of parts(weight!, form)) {
      const out = new Uint8Array((part.to - part.from) * zeroBytes);
      for (let row = 0; row < out.length; row += zeroBytes) {
        for (let beyond = blocks; beyond < zeroBytes * perByte; beyond++) {
          out[row + zeroBytes - 1]! |= middle << ((beyond % perByte) * form.bits);
        }
      }
      eachBlock(weight!, form, part, reader, (values, output, index) => {
        const { zero } = scaleOf(values, form);
        const place = (output - part.from) * zeroBytes + Math.floor(index / perByte);
        out[place]! |= zero << ((index % perByte) * form.bits);
      });
      yield out;
    }
  },
};

/** Σw², Σ(w - ŵ)² and the largest |w - ŵ| of the finite weights, and how many are not finite. */
export function blockError(weight: TensorRef, form: BlockForm, reader: TensorReader) {
  let [signal, noise, maxAbsError, notFinite] = [0, 0, 0, 0];
  const top = 2 ** form.bits - 1;
  for (const part of parts(weight, form)) {
    eachBlock(weight, form, part, reader, (values) => {
      const { scale, zero } = scaleOf(values, form);
      const inverse = scale === 0 ? 0 : fround(1 / scale);
      for (const value of values) {
        const error = Math.abs(value - (codeOf(value, inverse, zero, top) - zero) * scale);
        if (error < Number.POSITIVE_INFINITY) {
          signal += value * value;
          noise += error * error;
          maxAbsError = Math.max(maxAbsError, error);
        } else {
          notFinite += 1;
        }
      }
    });
  }
  return { signal, noise, maxAbsError, notFinite };
}
