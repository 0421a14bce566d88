import { bitsPerElement, type DType, isFloat } from "../../../src/core/tensor/dtype";

/** Deterministic elements for an input that is fed: fractions between 0.25 and 1.75, or integers valid as indices. */
export function filledElements(op: string, dtype: DType, count: number, seed: number): number[] {
  const divisor = op === "Div" || op === "Mod";
  return Array.from({ length: count }, (_, index) => {
    const step = (index * 7 + seed * 3) % 13;
    if (isFloat(dtype)) {
      return 0.25 + step / 8.5;
    }
    if (dtype === "bool") {
      return step % 2;
    }
    if (bitsPerElement(dtype) === 8) {
      return 1 + step;
    }
    return divisor ? 1 : 0;
  });
}

/** Elements as TensorProto.raw_data holds them: little-endian, types below 8 bits packed low bits first. */
export function packElements(dtype: DType, elements: readonly number[]): Uint8Array {
  const bits = bitsPerElement(dtype);
  const bytes = new Uint8Array(Math.ceil((elements.length * bits) / 8));
  const view = new DataView(bytes.buffer);
  for (const [index, value] of elements.entries()) {
    write(view, dtype, bits, index, value);
  }
  return bytes;
}

function write(view: DataView, dtype: DType, bits: number, index: number, value: number): void {
  if (bits < 8) {
    const bit = index * bits;
    const byte = Math.trunc(bit / 8);
    view.setUint8(byte, view.getUint8(byte) | ((value & (2 ** bits - 1)) << (bit % 8)));
  } else if (dtype === "float32") {
    view.setFloat32(index * 4, value, true);
  } else if (dtype === "float64") {
    view.setFloat64(index * 8, value, true);
  } else if (dtype === "float16") {
    view.setUint16(index * 2, halfBits(value), true);
  } else if (dtype === "bfloat16") {
    throw new Error("no example needs bfloat16 contents");
  } else if (bits === 8) {
    view.setInt8(index, value);
  } else if (bits === 16) {
    view.setInt16(index * 2, value, true);
  } else if (bits === 32) {
    view.setInt32(index * 4, value, true);
  } else {
    view.setBigInt64(index * 8, BigInt(value), true);
  }
}

/** Bits of a half-precision number; exact for the small fractions that examples use, rounded down otherwise. */
function halfBits(value: number): number {
  if (value === 0) {
    return 0;
  }
  const sign = value < 0 ? 0x8000 : 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const mantissa = Math.trunc((Math.abs(value) / 2 ** exponent - 1) * 1024);
  return sign | ((exponent + 15) << 10) | mantissa;
}
