const single = new Float32Array(1);
const bitsOf = new Uint32Array(single.buffer);

/** IEEE binary16 bits of a number, rounded to nearest, ties to even. */
export function toHalf(value: number): number {
  single[0] = value;
  return halfOfBits(bitsOf[0]!);
}

/** The same of a float32 given by its bits. */
export function halfOfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  if (magnitude >= 0x7f80_0000) {
    return sign | (magnitude > 0x7f80_0000 ? 0x7e00 : 0x7c00);
  }
  if (magnitude >= 0x4780_0000) {
    return sign | 0x7c00;
  }
  if (magnitude < 0x3880_0000) {
    bitsOf[0] = magnitude;
    return sign | roundHalfEven(single[0]! * 2 ** 24);
  }
  const rounded = magnitude - 0x3800_0000 + 0xfff + ((magnitude >>> 13) & 1);
  return sign | (rounded >>> 13);
}

/** Rounds to the nearest integer, ties to the even one, as ONNX quantisation does. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}
