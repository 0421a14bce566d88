import protobuf from "protobufjs/minimal";

/** Longer ASCII is left to the general decoder, which does not put all letters on the stack. */
const SHORT = 1024;

/** Names are ASCII nearly always, and then this is several times faster than a general decoder. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  return end - start <= SHORT && isAscii(bytes, start, end)
    ? Reflect.apply(String.fromCharCode, undefined, bytes.subarray(start, end))
    : protobuf.util.utf8.read(bytes, start, end);
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    if (bytes[index]! > 127) {
      return false;
    }
  }
  return true;
}

const SLOTS = 1 << 16;
const LONGEST = 256;

/**
 * Decodes names, of which a model has each several times, mostly close together: the same bytes give the same string
 * when it was seen not long ago. That saves memory, and looking it up in a map is then a comparison of addresses.
 */
export class NameCache {
  private readonly slots = new Array<string | undefined>(SLOTS).fill(undefined);

  decode(bytes: Uint8Array, start: number, end: number): string {
    if (end - start > LONGEST) {
      return decodeText(bytes, start, end);
    }
    let hash = 0;
    for (let index = start; index < end; index++) {
      hash = Math.imul(hash ^ bytes[index]!, 0x01000193);
    }
    const slot = (hash ^ (hash >>> 16)) & (SLOTS - 1);
    const seen = this.slots[slot];
    if (seen !== undefined && isSame(seen, bytes, start, end)) {
      return seen;
    }
    const text = decodeText(bytes, start, end);
    this.slots[slot] = text;
    return text;
  }
}

/** Never true for a text that is not ASCII, whose letters are not its bytes. */
function isSame(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) {
    return false;
  }
  for (let index = 0; index < text.length; index++) {
    const byte = bytes[start + index]!;
    if (byte > 127 || text.charCodeAt(index) !== byte) {
      return false;
    }
  }
  return true;
}

/** UTF-8 bytes of a text. */
export function encodeText(text: string): Uint8Array {
  const bytes = new Uint8Array(protobuf.util.utf8.length(text));
  protobuf.util.utf8.write(text, bytes, 0);
  return bytes;
}
