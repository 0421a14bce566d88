import { closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { dirname, join } from "node:path";
import { infer } from "../../../src/core/infer/infer";
import type { Inference } from "../../../src/core/infer/types";
import { readModel } from "../../../src/core/model/reader";
import type { Model } from "../../../src/core/model/types";
import { TensorReader } from "../../../src/core/tensor/reader";
import type { ByteSource } from "../../../src/core/wire/source";

const FOLDER = join(import.meta.dirname, "../../fixtures/models");

/** The parts of a facts file that inference is held against; test/fixtures/README.md says what they are. */
export interface Facts {
  readonly file: string;
  readonly bindings: readonly {
    readonly dims: { readonly [dim: string]: number };
    readonly values: {
      readonly [name: string]: { readonly dtype: string; readonly shape: readonly number[] };
    };
    readonly flops: { readonly total: number };
  }[];
  readonly symbolic: { readonly resolved: { readonly [name: string]: readonly (number | string)[] } };
  readonly parameters: { readonly torch: number; readonly onnxInitializerElements: number };
}

export interface Fixture {
  readonly name: string;
  readonly facts: Facts;
  readonly path: string;
}

export function fixtures(): readonly Fixture[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".facts.json"))
    .map((file) => {
      const facts = JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as Facts;
      return { name: file.replace(".facts.json", ""), facts, path: join(FOLDER, facts.file) };
    })
    .filter((fixture) => existsSync(fixture.path));
}

export function fileSource(path: string): ByteSource & { close(): void } {
  const handle = openSync(path, "r");
  return {
    name: path,
    size: fstatSync(handle).size,
    read(offset, into) {
      readSync(handle, into, 0, into.length, offset);
    },
    close: () => closeSync(handle),
  };
}

export function inferFile(path: string): { readonly model: Model; readonly inference: Inference } {
  const source = fileSource(path);
  try {
    const model = readModel(source);
    const reader = new TensorReader(source, {
      open: (location) => fileSource(join(dirname(path), location)),
    });
    return { model, inference: infer(model, { readSmall: (tensor) => reader.small(tensor, 256) }) };
  } finally {
    source.close();
  }
}
