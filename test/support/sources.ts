import { ModelError } from "../../src/core/errors";
import { type ExternalResolver, TensorReader } from "../../src/core/tensor/reader";
import type { ByteSource } from "../../src/core/wire/source";

/** Bytes in memory as a source, as strict about its end as a file. */
export function memorySource(bytes: Uint8Array, name = "test.onnx"): ByteSource {
  return {
    name,
    size: bytes.length,
    read(offset, into) {
      if (offset < 0 || offset + into.length > bytes.length) {
        throw new ModelError("truncated", `${name} ends at byte ${bytes.length}.`);
      }
      into.set(bytes.subarray(offset, offset + into.length));
    },
  };
}

/** Side files in memory, by location. */
export function memoryFiles(files: { readonly [location: string]: Uint8Array }): ExternalResolver {
  return {
    open(location) {
      const bytes = files[location];
      if (bytes === undefined) {
        throw new ModelError("missing", `${location} is not there.`);
      }
      return memorySource(bytes, location);
    },
  };
}

export function memoryReader(
  source: ByteSource,
  files: { readonly [location: string]: Uint8Array } = {},
): TensorReader {
  return new TensorReader(source, memoryFiles(files));
}
