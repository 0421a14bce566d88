import { totalmem } from "node:os";
import { ModelError } from "../../core/errors";
import { evaluate, format } from "../../core/expr";
import type { Fact } from "../../core/facts/fact";
import { type DType, isFloat, packedBytes } from "../../core/tensor/dtype";
import type { InputSpec } from "../../protocol/profiler";
import type { ModelState } from "../session/state";
import { InputUses } from "./inputUses";

/** Element types that onnxruntime takes from JavaScript. */
const FEEDABLE: ReadonlySet<DType> = new Set<DType>([
  "float32",
  "float64",
  "float16",
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "bool",
]);

/**
 * What to feed each input of the model that has no value of its own, at the bound dims. Contents are such that every
 * lookup stays inside its table; kernels take the same time whatever the numbers are, but they refuse a wrong index.
 *
 * @throws ModelError naming the input: "usage" for a dim without a size, "unsupported" for a type that cannot be made
 */
export function inputSpecs(state: ModelState): InputSpec[] {
  const { graph } = state.model;
  const uses = new InputUses(state);
  return graph.inputs
    .filter(({ name }) => !graph.initializers.has(name))
    .map(({ name, kind }) => {
      const fact = state.inference.fact(graph, name);
      const dtype = feedable(name, kind, fact);
      const shape = boundShapeOf(name, fact, state.bindings);
      demandMemory(name, dtype, shape);
      return { name, dtype, shape, fill: fillOf(name, dtype, shape, uses) };
    });
}

function feedable(name: string, kind: string, { dtype }: Fact): DType {
  if (kind !== "tensor" || dtype === undefined || !FEEDABLE.has(dtype)) {
    const what = kind === "tensor" ? (dtype ?? "an unknown element type") : kind;
    throw new ModelError(
      "unsupported",
      `Input ${name} has the type ${what}, for which no content can be made.`,
      { tensor: name },
      "Models with such inputs cannot be profiled with generated inputs.",
    );
  }
  return dtype;
}

function boundShapeOf(name: string, { shape }: Fact, bindings: ReadonlyMap<string, number>): number[] {
  if (shape === undefined) {
    throw new ModelError(
      "usage",
      `The file gives no shape for input ${name}, so no input can be made.`,
      { tensor: name },
      "Export the model with the shapes of its inputs.",
    );
  }
  return shape.map((dim, axis) => {
    const size = dim === undefined ? undefined : evaluate(dim, bindings);
    if (size === undefined || !Number.isSafeInteger(size) || size < 0) {
      const what = dim === undefined ? "is not known" : `(${format(dim)}) has no size`;
      throw new ModelError(
        "usage",
        `Dim ${axis} of input ${name} ${what}, so no input can be made.`,
        { tensor: name },
        dim === undefined ? "Export the model with a name for that dim." : "Give that dim a size.",
      );
    }
    return size;
  });
}

function demandMemory(name: string, dtype: DType, shape: readonly number[]): void {
  const bytes = packedBytes(
    dtype,
    shape.reduce((product, size) => product * size, 1),
  );
  if (bytes > totalmem()) {
    throw new ModelError(
      "limit",
      `Input ${name} would have ${bytes} bytes at these dims (${shape.join("×")}), more than this machine has memory.`,
      { tensor: name },
      "Choose smaller dims.",
    );
  }
}

function fillOf(name: string, dtype: DType, shape: readonly number[], uses: InputUses): InputSpec["fill"] {
  const use = uses.of(name);
  if (use.value !== undefined) {
    return { kind: "constant", value: use.value };
  }
  const isPosition = /pos(ition)?s?(_|\.|$)/i.test(name);
  if (use.below !== undefined) {
    return isPosition ? { kind: "arange", below: use.below } : { kind: "integers", below: use.below };
  }
  if (dtype === "bool" || /mask/i.test(name)) {
    return { kind: "constant", value: 1 };
  }
  if (isFloat(dtype)) {
    return { kind: "normal" };
  }
  if (use.isIndex) {
    return { kind: "constant", value: 0 };
  }
  if (isPosition) {
    return { kind: "arange", below: Math.max(1, shape.at(-1) ?? 1) };
  }
  const isPixelLike = dtype === "uint8" || dtype === "int8";
  return isPixelLike ? { kind: "integers", below: 128 } : { kind: "constant", value: 1 };
}
