import { ModelError } from "../errors";
import type { ByteSource } from "../wire/source";
import { decodeText } from "../wire/text";

interface Kind {
  readonly matches: (head: Uint8Array, text: string) => boolean;
  readonly message: string;
  readonly hint: string;
}

/** Files that end in .onnx and are something else. */
const KINDS: readonly Kind[] = [
  {
    matches: (_head, text) => text.startsWith("version https://git-lfs.github.com/"),
    message: "is a Git LFS pointer, not the model itself",
    hint: "Run `git lfs pull` in the repository.",
  },
  {
    matches: (_head, text) => /^\s*(<!doctype html|<html)/i.test(text),
    message: "is a web page, not a model",
    hint: "The download went wrong; the page may ask for a login.",
  },
  {
    matches: (head) => head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4,
    message: "is a ZIP archive (a PyTorch checkpoint, perhaps)",
    hint: "Unpack it, or export the model with torch.onnx.export.",
  },
  {
    matches: (head) => head[0] === 0x1f && head[1] === 0x8b,
    message: "is compressed with gzip",
    hint: "Unpack it with gunzip.",
  },
  {
    matches: (_head, text) => /^.{8}\{"/s.test(text),
    message: "looks like a safetensors file",
    hint: "It holds weights without a graph; export the model to ONNX.",
  },
  {
    matches: (_head, text) => text.startsWith("GGUF"),
    message: "is a GGUF file",
    hint: "It is made for llama.cpp; export the model to ONNX.",
  },
  {
    matches: (_head, text) => text.slice(4, 8) === "TFL3",
    message: "is a TensorFlow Lite model",
    hint: "Convert it to ONNX first.",
  },
  {
    matches: (_head, text) => text.slice(4, 8) === "ORTM",
    message: "is a model in onnxruntime's own format (.ort)",
    hint: "Open the .onnx file that it was made from.",
  },
];

/** Throws when the first bytes show that a file is empty or of another kind; a guess is better than a protobuf error. */
export function refuseOtherKinds(source: ByteSource): void {
  if (source.size === 0) {
    throw new ModelError(
      "truncated",
      `${source.name} is empty.`,
      { file: source.name, offset: 0 },
      "Download or export it again.",
    );
  }
  const head = new Uint8Array(Math.min(256, source.size));
  source.read(0, head);
  const text = decodeText(
    head.map((byte) => (byte > 127 ? 0 : byte)),
    0,
    head.length,
  );
  const kind = KINDS.find(({ matches }) => matches(head, text));
  if (kind !== undefined) {
    throw new ModelError(
      "malformed",
      `${source.name} ${kind.message}.`,
      { file: source.name, offset: 0 },
      kind.hint,
    );
  }
}
