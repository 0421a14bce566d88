import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";

export interface ZipEntry {
  readonly name: string;
  readonly bytes: number;
  readonly packedBytes: number;
  readonly content: () => Buffer;
}

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const STORED = 0;

/** The files of a zip archive below 4 GB, by its central directory. */
export function readZip(path: string): ZipEntry[] {
  const zip = readFileSync(path);
  const end = zip.lastIndexOf(Buffer.from(Uint32Array.of(END).buffer));
  if (end < 0) {
    throw new Error(`${path} is no zip archive`);
  }
  const count = zip.readUInt16LE(end + 10);
  const entries: ZipEntry[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let index = 0; index < count; index++) {
    if (zip.readUInt32LE(at) !== ENTRY) {
      throw new Error(`${path} has no entry at byte ${at}`);
    }
    const method = zip.readUInt16LE(at + 10);
    const packedBytes = zip.readUInt32LE(at + 20);
    const nameLength = zip.readUInt16LE(at + 28);
    const header = zip.readUInt32LE(at + 42);
    entries.push({
      name: zip.toString("utf8", at + 46, at + 46 + nameLength),
      bytes: zip.readUInt32LE(at + 24),
      packedBytes,
      content: () => {
        const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
        const packed = zip.subarray(start, start + packedBytes);
        return method === STORED ? packed : inflateRawSync(packed);
      },
    });
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}
