import { ModelError } from "../errors";
import type { DType } from "./dtype";
import { halfOfBits } from "./half";
import type { Kernel } from "./kernels";

const FROM: readonly DType[] = ["float32", "float16", "bfloat16"];
const TO: readonly DType[] = ["float32", "float16"];
/** Bits of the largest finite float16, 65504, and of infinity. */
const LARGEST_HALF = 0x7bff;
const INFINITE_HALF = 0x7c00;
/** Of the bits of a float32: all but the sign, and those of infinity. */
const SIZE_BITS = 0x7fff_ffff;
const INFINITE_BITS = 0x7f80_0000;

/** Types between which weights are converted. */
export function canConvert(from: DType, to: DType): boolean {
  return FROM.includes(from) && TO.includes(to);
}

/**
 * Elements of a float tensor as those of another float type, rounded to nearest, ties to even. With the parameter
 * `saturate`, what is finite and too large for float16 becomes its largest number instead of infinity.
 */
export const convertFloats: Kernel = {
  *run([source], { saturate }, { dtype }, reader) {
    const from = source!.dtype;
    if (!canConvert(from, dtype)) {
      throw new ModelError("unsupported", `Tensor ${source!.name} of type ${from} cannot become ${dtype}.`);
    }
    for (const values of reader.floatChunks(source!)) {
      // Bytes of the source where its elements are float32 already.
      const made = dtype === "float16" ? halves(values, saturate === true) : values;
      yield new Uint8Array(made.buffer, made.byteOffset, made.byteLength);
    }
  },
};

function halves(values: Float32Array, saturate: boolean): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const codes = new Uint16Array(values.length);
  for (let index = 0; index < codes.length; index++) {
    const code = halfOfBits(bits[index]!);
    const isTooLarge = (code & 0x7fff) === INFINITE_HALF && (bits[index]! & SIZE_BITS) !== INFINITE_BITS;
    codes[index] = saturate && isTooLarge ? (code & 0x8000) | LARGEST_HALF : code;
  }
  return codes;
}
