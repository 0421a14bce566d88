import protobuf from "protobufjs/minimal";

/** Names are ASCII nearly always, and then this is several times faster than a general decoder. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > 1024) {
    return protobuf.util.utf8.read(bytes, start, end);
  }
  let text = "";
  for (let index = start; index < end; index++) {
    const code = bytes[index]!;
    if (code > 127) {
      return protobuf.util.utf8.read(bytes, start, end);
    }
    text += String.fromCharCode(code);
  }
  return text;
}

/** UTF-8 bytes of a text. */
export function encodeText(text: string): Uint8Array {
  const bytes = new Uint8Array(protobuf.util.utf8.length(text));
  protobuf.util.utf8.write(text, bytes, 0);
  return bytes;
}
