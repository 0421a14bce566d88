import { closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { dirname, join } from "node:path";
import { format } from "../../../src/core/expr";
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
  readonly exporter: string;
  readonly bindings: readonly RecordedBinding[];
  /** Sizes at which PyTorch counted and nothing was run. */
  readonly counted?: readonly Pick<RecordedBinding, "dims" | "flops">[];
  /** Blocks of attention as the model's configuration has them; none for a model that was exported from none. */
  readonly attention: readonly ConfiguredAttention[];
  /** Values that inference rightly leaves open, as "dtype [size, ?]". */
  readonly open: { readonly [name: string]: string };
  readonly symbolic: { readonly unresolved?: readonly string[]; readonly error?: string };
  readonly parameters: {
    readonly torch: number | null;
    readonly onnxInitializerElements: number;
    readonly onnxConstantElements: number;
  };
}

/** Blocks that are alike. */
export interface ConfiguredAttention {
  readonly part: string;
  readonly blocks: number;
  readonly heads: number;
  readonly kv_heads: number;
  readonly head_dim: number;
  /** Numbers of positions in terms of the dims; "?" where they differ between blocks. */
  readonly queries: number | string;
  readonly keys: number | string;
  readonly causal: boolean;
  readonly cross: boolean;
  /** Positions that attend to each other, where attention stays within windows. */
  readonly window: number | null;
}

export interface RecordedBinding {
  readonly dims: { readonly [dim: string]: number };
  readonly values: { readonly [name: string]: RecordedValue };
  /** Floating-point operations, two for each multiply-accumulate. */
  readonly flops: {
    readonly total: number;
    readonly source: "torch" | "nodes" | "paper";
    /** Of the total, by PyTorch's operators, as aten.convolution. */
    readonly byOperator?: { readonly [operator: string]: number };
  };
}

/** The shape is null for what is no tensor, as a sequence. */
export interface RecordedValue {
  readonly dtype: string;
  readonly shape: readonly number[] | null;
}

/** As in the file: the shape at each binding, or one where they agree. */
type StoredValue = readonly [string, ...(readonly number[] | null)[]];

interface StoredFacts extends Omit<Facts, "bindings"> {
  readonly bindings: readonly Omit<RecordedBinding, "values">[];
  readonly values: { readonly [name: string]: StoredValue };
}

export interface Fixture {
  readonly name: string;
  readonly facts: Facts;
  readonly path: string;
}

/** All fixtures of a folder: the committed ones, or those that ONNXRAY_FIXTURES names (big exports). */
export function fixtures(folder = process.env["ONNXRAY_FIXTURES"] ?? FOLDER): readonly Fixture[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".facts.json"))
    .map((file) => {
      const facts = readFacts(join(folder, file));
      return { name: file.replace(".facts.json", ""), facts, path: join(folder, facts.file) };
    })
    .filter((fixture) => existsSync(fixture.path));
}

function readFacts(path: string): Facts {
  const { values, bindings, ...rest } = JSON.parse(readFileSync(path, "utf8")) as StoredFacts;
  const at = (index: number) =>
    Object.fromEntries(
      Object.entries(values).map(([name, [dtype, ...shapes]]) => {
        const shape = (shapes.length === 1 ? shapes[0] : shapes[index]) ?? null;
        return [name, { dtype, shape }];
      }),
    );
  return { ...rest, bindings: bindings.map((binding, index) => ({ ...binding, values: at(index) })) };
}

/**
 * The dims of a binding with the sizes that only the data decides (of NonZero, NonMaxSuppression...): each has the
 * value that was recorded where its symbol is made.
 */
export function bindingsOf(
  model: Model,
  inference: Inference,
  { dims, values }: RecordedBinding,
): ReadonlyMap<string, number> {
  const bindings = new Map(Object.entries(dims));
  for (const { name, dims: declared } of model.graph.inputs) {
    declared?.forEach((dim, axis) => {
      const size = values[name]?.shape?.[axis];
      if (typeof dim === "string" && inference.symbols.includes(dim) && size !== undefined) {
        bindings.set(dim, bindings.get(dim) ?? size);
      }
    });
  }
  for (const { outputs } of model.graph.nodes) {
    for (const name of outputs) {
      inference.fact(model.graph, name).shape?.forEach((dim, axis) => {
        const symbol = dim === undefined ? "" : format(dim);
        const made =
          inference.symbols.includes(symbol) && outputs.some((own) => symbol.startsWith(`${own}.`));
        const size = values[name]?.shape?.[axis];
        if (made && size !== undefined) {
          bindings.set(symbol, size);
        }
      });
    }
  }
  return bindings;
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
  return withFile(path, (model, inference) => ({ model, inference }));
}

/** The same while the file is open, for whoever reads tensors. */
export function withFile<T>(
  path: string,
  use: (model: Model, inference: Inference, reader: TensorReader) => T,
): T {
  const source = fileSource(path);
  try {
    const model = readModel(source);
    const reader = new TensorReader(source, {
      open: (location) => fileSource(join(dirname(path), location)),
    });
    return use(model, infer(model, { readSmall: (tensor) => reader.small(tensor, 256) }), reader);
  } finally {
    source.close();
  }
}
