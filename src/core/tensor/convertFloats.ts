import { ModelError } from "../errors";
import { decodeFloats } from "./decode";
import { bitsPerElement, type DType } from "./dtype";
import { toHalf } from "./half";
import type { Kernel } from "./kernels";

const FROM: readonly DType[] = ["float32", "float16", "bfloat16"];
const TO: readonly DType[] = ["float32", "float16"];
/** Bits of the largest finite float16, 65504, and of infinity. */
const LARGEST_HALF = 0x7bff;
const INFINITE_HALF = 0x7c00;

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
    const bits = bitsPerElement(from);
    for (const chunk of reader.raw(source!)) {
      const values = new Float32Array(Math.floor((chunk.length * 8) / bits));
      decodeFloats(from, chunk, values.length, values);
      yield new Uint8Array((dtype === "float16" ? halves(values, saturate === true) : values).buffer);
    }
  },
};

function halves(values: Float32Array, saturate: boolean): Uint16Array {
  const codes = Uint16Array.from(values, toHalf);
  if (saturate) {
    codes.forEach((code, index) => {
      if ((code & 0x7fff) === INFINITE_HALF && Number.isFinite(values[index])) {
        codes[index] = (code & 0x8000) | LARGEST_HALF;
      }
    });
  }
  return codes;
}
