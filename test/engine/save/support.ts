import { writeFileSync } from "node:fs";
import { applyPatch } from "../../../src/core/edit/apply";
import { readModel } from "../../../src/core/model/reader";
import type { Model } from "../../../src/core/model/types";
import { TensorReader } from "../../../src/core/tensor/reader";
import { ModelFiles } from "../../../src/engine/files/modelFiles";
import { type Saved, type SaveRequest, saveModel } from "../../../src/engine/save/saveModel";
import type { SaveProgress } from "../../../src/protocol/engine";
import { modelContent } from "../../support/modelContent";
import { floats } from "../../support/wire";

/** An open file as the session holds one. */
export interface Open {
  readonly model: Model;
  readonly files: ModelFiles;
  readonly reader: TensorReader;
  readonly progress: SaveProgress[];
  save(path: string, options?: Partial<Pick<SaveRequest, "expected" | "signal">>): Promise<Saved>;
  content(): unknown;
  close(): void;
}

export function open(path: string): Open {
  const files = new ModelFiles(path);
  const model = readModel(files.source);
  const reader = new TensorReader(files.source, files);
  const progress: SaveProgress[] = [];
  return {
    ...{ model, files, reader, progress },
    save: (target, options = {}) =>
      saveModel({
        ...{ model, files, reader, path: target },
        signal: new AbortController().signal,
        onProgress: (step) => progress.push(step),
        ...options,
      }),
    content: () => modelContent(model, reader),
    close: () => files.close(),
  };
}

/** What a fresh look at a file shows. */
export function contentOf(path: string): unknown {
  const opened = open(path);
  try {
    return opened.content();
  } finally {
    opened.close();
  }
}

/** Puts a new weight of `elements` float32 numbers and makes the first node that reads a float weight read it. */
export function replaceWeight(model: Model, elements = 12): () => void {
  const { graph } = model;
  const node = graph.nodes.find(({ inputs }) => inputs.includes("W"))!;
  const { undo } = applyPatch(model, {
    label: "test",
    edits: [
      {
        kind: "putTensor",
        graph: "",
        tensor: {
          name: "fresh",
          dtype: "float32",
          dims: [4, elements / 4],
          data: { kind: "memory", bytes: floats(Array.from({ length: elements }, (_, index) => index / 7)) },
        },
      },
      { kind: "setInput", graph: "", node: node.id, index: node.inputs.indexOf("W"), value: "fresh" },
      { kind: "dropTensor", graph: "", name: "W" },
    ],
  });
  return undo;
}

export function write(path: string, bytes: Uint8Array): string {
  writeFileSync(path, bytes);
  return path;
}
