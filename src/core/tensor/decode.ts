import { bitsPerElement, type DType } from "./dtype";

type Decoder = (bytes: Uint8Array, count: number, out: Float32Array) => void;

/** Value of a small float format: sign, exponent and mantissa bits below a given layout, IEEE-like subnormals. */
function miniFloat(code: number, exponentBits: number, mantissaBits: number, bias: number): number {
  const sign = code >> (exponentBits + mantissaBits) ? -1 : 1;
  const exponent = (code >> mantissaBits) & ((1 << exponentBits) - 1);
  const mantissa = code & ((1 << mantissaBits) - 1);
  return exponent === 0
    ? sign * mantissa * 2 ** (1 - bias - mantissaBits)
    : sign * (1 + mantissa / 2 ** mantissaBits) * 2 ** (exponent - bias);
}

function table(codes: number, value: (code: number) => number): Float32Array {
  return Float32Array.from({ length: codes }, (_, code) => value(code));
}

/** Tables are made when first used: most models need none. */
const TABLES: { readonly [dtype in DType]?: () => Float32Array } = {
  float16: () => table(65536, half),
  float8e4m3fn: () => table(256, (code) => ((code & 0x7f) === 0x7f ? Number.NaN : miniFloat(code, 4, 3, 7))),
  float8e4m3fnuz: () => table(256, (code) => (code === 0x80 ? Number.NaN : miniFloat(code, 4, 3, 8))),
  float8e5m2: () => table(256, eightBitE5M2),
  float8e5m2fnuz: () => table(256, (code) => (code === 0x80 ? Number.NaN : miniFloat(code, 5, 2, 16))),
  float8e8m0: () => table(256, (code) => (code === 0xff ? Number.NaN : 2 ** (code - 127))),
  float4e2m1: () => table(16, (code) => miniFloat(code, 2, 1, 1)),
};
const made = new Map<DType, Float32Array>();

function tableOf(dtype: DType): Float32Array | undefined {
  const existing = made.get(dtype) ?? TABLES[dtype]?.();
  if (existing !== undefined) {
    made.set(dtype, existing);
  }
  return existing;
}

function half(code: number): number {
  if ((code & 0x7c00) === 0x7c00) {
    return code & 0x3ff ? Number.NaN : code & 0x8000 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  return miniFloat(code, 5, 10, 15);
}

function eightBitE5M2(code: number): number {
  if ((code & 0x7c) === 0x7c) {
    return code & 3 ? Number.NaN : code & 0x80 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  return miniFloat(code, 5, 2, 15);
}

function viewed(read: (view: DataView, index: number) => number): Decoder {
  return (bytes, count, out) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let index = 0; index < count; index++) {
      out[index] = read(view, index);
    }
  };
}

const PLAIN: { readonly [dtype in DType]?: Decoder } = {
  float32: viewed((view, index) => view.getFloat32(index * 4, true)),
  float64: viewed((view, index) => view.getFloat64(index * 8, true)),
  int8: (bytes, count, out) => out.set(new Int8Array(bytes.buffer, bytes.byteOffset, count)),
  uint8: (bytes, count, out) => out.set(bytes.subarray(0, count)),
  bool: viewed((view, index) => Number(view.getUint8(index) !== 0)),
  int16: viewed((view, index) => view.getInt16(index * 2, true)),
  uint16: viewed((view, index) => view.getUint16(index * 2, true)),
  int32: viewed((view, index) => view.getInt32(index * 4, true)),
  uint32: viewed((view, index) => view.getUint32(index * 4, true)),
  int64: viewed((view, index) => Number(view.getBigInt64(index * 8, true))),
  uint64: viewed((view, index) => Number(view.getBigUint64(index * 8, true))),
};

/**
 * Decodes `count` elements of raw little-endian bytes as float32. Integers beyond 2^24 and doubles are rounded.
 * False when the type has no numbers (strings, complex).
 */
export function decodeFloats(dtype: DType, bytes: Uint8Array, count: number, out: Float32Array): boolean {
  if (dtype === "float32" && bytes.byteOffset % 4 === 0) {
    out.set(new Float32Array(bytes.buffer, bytes.byteOffset, count));
    return true;
  }
  const plain = PLAIN[dtype];
  if (plain !== undefined) {
    plain(bytes, count, out);
    return true;
  }
  if (dtype === "bfloat16") {
    const codes = wordsOf(bytes, count);
    const bitsOut = new Uint32Array(out.buffer, out.byteOffset, count);
    for (let index = 0; index < count; index++) {
      bitsOut[index] = codes[index]! << 16;
    }
    return true;
  }
  const bits = bitsPerElement(dtype);
  const values = tableOf(dtype);
  if (values !== undefined && bits >= 8) {
    const codes = bits === 16 ? wordsOf(bytes, count) : bytes;
    for (let index = 0; index < count; index++) {
      out[index] = values[codes[index]!]!;
    }
    return true;
  }
  if (bits === 4 || bits === 2) {
    decodePacked(dtype, bits, bytes, count, out, values);
    return true;
  }
  return false;
}

function wordsOf(bytes: Uint8Array, count: number): Uint16Array {
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice(0, 2 * count);
  return new Uint16Array(aligned.buffer, aligned.byteOffset, count);
}

/** Sub-byte elements share bytes, the first one in the lowest bits. */
function decodePacked(
  dtype: DType,
  bits: number,
  bytes: Uint8Array,
  count: number,
  out: Float32Array,
  values: Float32Array | undefined,
): void {
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  const signed = dtype.startsWith("int");
  for (let index = 0; index < count; index++) {
    const code = (bytes[Math.floor(index / perByte)]! >> (bits * (index % perByte))) & mask;
    out[index] = values?.[code] ?? (signed && code > mask >> 1 ? code - mask - 1 : code);
  }
}
