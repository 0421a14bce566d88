import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onnx } from "onnx-proto";
import { InferenceSession, type Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { type Expr, evaluate } from "../../../src/core/expr";
import type { Inference } from "../../../src/core/infer/types";
import type { Graph, Model } from "../../../src/core/model/types";
import { makeInput } from "../../../src/profiler/inputs";
import { type NodeSpec, onnxModel } from "../../support/onnxBuilder";
import { tempFolder } from "../../support/tempFolder";
import { type Fixture, fixtures, inferFile } from "./fixtures";

/** Convolutions in blocks of channels, as onnxruntime's optimiser makes them on this machine. */

const BLOCKED = "com.microsoft.nchwc";
const QUIET = { executionProviders: ["cpu"], logSeverityLevel: 4 } as const;
type Bindings = ReadonlyMap<string, number>;

async function optimised(path: string): Promise<string> {
  const optimizedModelFilePath = join(tempFolder(), "optimised.onnx");
  const session = await InferenceSession.create(path, {
    ...QUIET,
    graphOptimizationLevel: "all",
    optimizedModelFilePath,
  });
  await session.release();
  return optimizedModelFilePath;
}

const blockedNodes = ({ nodes }: Graph) => nodes.filter(({ domain }) => domain === BLOCKED);

/** What the blocked nodes make when the optimised model runs as it is. */
async function blockedShapes(path: string, graph: Graph, bindings: Bindings): Promise<Map<string, string>> {
  const proto = onnx.ModelProto.decode(readFileSync(path));
  const given = new Set(proto.graph!.output!.map(({ name }) => name));
  const names = blockedNodes(graph).flatMap(({ outputs }) => outputs);
  const added = names
    .filter((name) => !given.has(name))
    .map((name) => onnx.ValueInfoProto.create({ name, type: { tensorType: { elemType: 1 } } }));
  proto.graph!.output!.push(...added);
  const shown = `${path}.shown`;
  writeFileSync(shown, onnx.ModelProto.encode(proto).finish());
  const session = await InferenceSession.create(shown, { ...QUIET, graphOptimizationLevel: "disabled" });
  const feeds: { [name: string]: Tensor } = {};
  for (const { name, dtype, dims } of graph.inputs) {
    const shape = dims!.map((dim) => (typeof dim === "number" ? dim : bindings.get(String(dim))!));
    feeds[name] = makeInput({ name, dtype: dtype!, shape, fill: { kind: "constant", value: 1 } }, 1);
  }
  const results = await session.run(feeds);
  await session.release();
  return new Map(names.map((name) => [name, results[name]!.dims.join("×")]));
}

const at = (amount: Expr | undefined, bindings: Bindings): number =>
  (amount === undefined ? undefined : evaluate(amount, bindings)) ?? Number.NaN;

function macs({ graph }: Model, inference: Inference, bindings: Bindings): number {
  return graph.nodes.reduce((sum, node) => sum + at(inference.cost(node.id).macs, bindings), 0);
}

const IMAGES = ["resnet", "resnet-extended", "mobilenet", "efficientnet", "convnext", "vit", "unet"];

describe.each(
  fixtures()
    .filter(({ name }) => IMAGES.includes(name))
    .map((fixture): [string, Fixture] => [fixture.name, fixture]),
)("%s", (_name, { path, facts }) => {
  test("has the shapes that it has in onnxruntime, and no unknown cost", async () => {
    const bindings = new Map(Object.entries(facts.bindings[0]!.dims));
    const file = await optimised(path);
    const { model, inference } = inferFile(file);
    const nodes = blockedNodes(model.graph);
    expect(nodes.length).toBeGreaterThan(0);
    expect(inference.problems.map(({ message }) => message)).toEqual([]);
    expect(nodes.filter(({ id }) => inference.cost(id).trust === "unknown")).toEqual([]);
    const real = await blockedShapes(file, model.graph, bindings);
    for (const [name, shape] of real) {
      const own = inference.fact(model.graph, name).shape;
      const shown = own?.map((dim, axis) => (dim === undefined ? shape.split("×")[axis] : at(dim, bindings)));
      expect(`${name} ${shown?.join("×")}`).toBe(`${name} ${shape}`);
    }
    const original = inferFile(path);
    // Channels of these small models do not fill their blocks; the kernel multiplies whole blocks.
    expect(macs(model, inference, bindings)).toBeGreaterThan(
      macs(original.model, original.inference, bindings),
    );
  });
});

test("with whole blocks of channels there are as many MACs as before", async () => {
  const conv = (
    name: string,
    x: string,
    y: string,
    attributes: NonNullable<NodeSpec["attributes"]> = {},
  ): NodeSpec => ({ op: "Conv", name, inputs: [x, `${name}.w`], outputs: [y], attributes });
  const weight = (name: string, ...dims: readonly number[]) => ({
    name: `${name}.w`,
    type: "float32" as const,
    dims,
    raw: new Uint8Array(4 * dims.reduce((product, dim) => product * dim, 1)),
  });
  const ints = (...values: readonly number[]) => ({ ints: values });
  const path = join(tempFolder(), "blocks.onnx");
  const bytes = onnxModel({
    graph: {
      nodes: [
        conv("stem", "image", "a", { strides: ints(2, 2), pads: ints(1, 1, 1, 1) }),
        { op: "Relu", inputs: ["a"], outputs: ["b"] },
        {
          op: "MaxPool",
          inputs: ["b"],
          outputs: ["c"],
          attributes: { kernel_shape: ints(2, 2), strides: ints(2, 2) },
        },
        conv("depthwise", "c", "d", { group: { int: 32 }, pads: ints(1, 1, 1, 1) }),
        conv("pointwise", "d", "e"),
        conv("residual", "c", "f"),
        { op: "Add", inputs: ["e", "f"], outputs: ["g"] },
        { op: "AveragePool", inputs: ["g"], outputs: ["h"], attributes: { kernel_shape: ints(2, 2) } },
        conv("last", "h", "i"),
        { op: "GlobalAveragePool", inputs: ["i"], outputs: ["y"] },
      ],
      inputs: [{ name: "image", dims: ["batch", 3, 32, 32] }],
      outputs: [{ name: "y", dims: ["batch", 16, 1, 1] }],
      initializers: [
        weight("stem", 32, 3, 3, 3),
        weight("depthwise", 32, 1, 3, 3),
        weight("pointwise", 64, 32, 1, 1),
        weight("residual", 64, 32, 1, 1),
        weight("last", 16, 64, 1, 1),
      ],
    },
  });
  writeFileSync(path, bytes);
  const before = inferFile(path);
  const after = inferFile(await optimised(path));
  const bindings = new Map([["batch", 2]]);
  expect(blockedNodes(after.model.graph).map(({ opType }) => opType)).toEqual(
    expect.arrayContaining(["Conv", "MaxPool", "AveragePool", "GlobalAveragePool"]),
  );
  expect(after.inference.problems).toEqual([]);
  expect(macs(after.model, after.inference, bindings)).toBe(macs(before.model, before.inference, bindings));
  const stem = 32 * 16 * 16 * 27;
  const rest = 32 * 8 * 8 * 9 + 2 * 64 * 64 * 32 + 16 * 7 * 7 * 64;
  expect(macs(before.model, before.inference, bindings)).toBe(2 * (stem + rest));
});
