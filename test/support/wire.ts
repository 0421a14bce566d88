/**
 * Protobuf by hand, so that tests can write what no encoder would: wrong wire types, lying lengths, cut messages.
 * It shares nothing with the code under test.
 */

/** A varint of any 64-bit number; negative ones take ten bytes, as protobuf writes them. */
export function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Uint8Array.from(bytes);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function tag(field: number, wire: number): Uint8Array {
  return varint(field * 8 + wire);
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function numberField(field: number, value: number | bigint): Uint8Array {
  return concat(tag(field, 0), varint(value));
}

/** A length-delimited field; `length` says what the file claims where that is not the truth. */
export function bytesField(
  field: number,
  content: Uint8Array,
  length: number | bigint = content.length,
): Uint8Array {
  return concat(tag(field, 2), varint(length), content);
}

export function textField(field: number, text: string): Uint8Array {
  return bytesField(field, utf8(text));
}

export function message(field: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return bytesField(field, concat(...parts));
}

export function floatField(field: number, value: number): Uint8Array {
  return concat(tag(field, 5), floats([value]));
}

/** Little-endian float32 values. */
export function floats(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    view.setFloat32(index * 4, value, true);
  });
  return bytes;
}

/** Little-endian int64 values. */
export function int64s(values: readonly (number | bigint)[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    view.setBigInt64(index * 8, BigInt(value), true);
  });
  return bytes;
}
/** A group, a form that protobuf gave up before ONNX began. */
export function group(field: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return concat(tag(field, 3), ...parts, tag(field, 4));
}
