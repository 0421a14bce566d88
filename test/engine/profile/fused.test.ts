import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { NodeTime } from "../../../src/protocol/profiler";
import { floatTensor, int64Tensor, type ModelSpec, onnxModel } from "../../support/onnxBuilder";
import { tempFolder } from "../../support/tempFolder";
import { buildProfiler, opened } from "./support";

const profilerPath = buildProfiler();
const SIZE = 64;
const square = [SIZE, SIZE];
const weights = (name: string, dims: readonly number[]) =>
  floatTensor(
    name,
    dims,
    Array.from({ length: dims.reduce((product, dim) => product * dim, 1) }, (_, index) => Math.sin(index)),
  );

/** Times by the name of the row. */
async function timesOf(spec: ModelSpec): Promise<{ readonly [row: string]: NodeTime }> {
  const path = join(tempFolder(), "model.onnx");
  writeFileSync(path, onnxModel(spec));
  const model = opened(profilerPath, path);
  const result = await model.profile({ runs: 5 });
  expect(result.unmapped).toEqual([]);
  const names = new Map(
    model.session
      .table()
      .page({ group: false, start: 0, count: 1000 })
      .rows.map(({ key, name }) => [key, name]),
  );
  return Object.fromEntries(result.nodes.map((node) => [names.get(node.key)!, node]));
}

const x = { name: "x", dims: square };
const y = { name: "y", dims: square };

describe("the time of a kernel", () => {
  it("that does the work of several nodes is divided by their FLOPs", async () => {
    const times = await timesOf({
      graph: {
        nodes: [
          { op: "MatMul", name: "product", inputs: ["x", "W"], outputs: ["h"] },
          { op: "Add", name: "sum", inputs: ["h", "b"], outputs: ["y"] },
        ],
        inputs: [x],
        outputs: [y],
        initializers: [weights("W", square), weights("b", [SIZE])],
      },
    });
    expect(times["product"]).toMatchObject({ kind: "attributed" });
    expect(times["product"]!.ranAs).toMatch(/^Gemm product\/MatMulAddFusion \(shared by 2 nodes.*FLOPs\)/);
    // 2·64 FLOPs of the product for each one of the sum.
    expect(times["product"]!.ms / times["sum"]!.ms).toBeCloseTo(2 * SIZE, 6);
  });

  it("of another operator is found by what it makes", async () => {
    const times = await timesOf({
      graph: {
        nodes: [
          { op: "Sigmoid", name: "gate", inputs: ["x"], outputs: ["g"] },
          { op: "Mul", name: "swish", inputs: ["x", "g"], outputs: ["y"] },
        ],
        inputs: [x],
        outputs: [y],
      },
    });
    expect(Object.keys(times).sort()).toEqual(["gate", "swish"]);
    expect(times["gate"]!.ranAs).toContain("QuickGelu");
  });

  it("goes to nodes without names by what they make", async () => {
    const times = await timesOf({
      graph: {
        nodes: [
          { op: "MatMul", inputs: ["x", "W"], outputs: ["a"] },
          { op: "MatMul", inputs: ["a", "W"], outputs: ["b"] },
          { op: "Softmax", inputs: ["b"], outputs: ["c"] },
          { op: "Softmax", inputs: ["c"], outputs: ["y"] },
        ],
        inputs: [x],
        outputs: [y],
        initializers: [weights("W", square)],
      },
    });
    expect(Object.keys(times).sort()).toEqual(["a", "b", "c", "y"]);
    expect(Object.values(times).every(({ kind }) => kind === "measured")).toBe(true);
  });

  it("inside a local function goes to each call", async () => {
    const call = (name: string, from: string, to: string) => ({
      op: "Block",
      domain: "local",
      name,
      inputs: [from, "W"],
      outputs: [to],
    });
    const times = await timesOf({
      opsets: { "": 21, local: 1 },
      graph: {
        nodes: [call("first", "x", "a"), call("second", "a", "y")],
        inputs: [x],
        outputs: [y],
        initializers: [weights("W", square)],
      },
      functions: [
        {
          name: "Block",
          domain: "local",
          inputs: ["X", "W"],
          outputs: ["Y"],
          nodes: [
            { op: "MatMul", name: "mm", inputs: ["X", "W"], outputs: ["h"] },
            { op: "Sin", inputs: ["h"], outputs: ["Y"] },
          ],
        },
      ],
    });
    expect(Object.keys(times).sort()).toEqual(["first", "second"]);
    expect(times["second"]!.ranAs).toMatch(/^MatMul .*; Sin /);
  });

  it("inside a branch goes to the nodes of the branch that was taken", async () => {
    const branch = (name: string, op: string, output: string) => ({
      graph: {
        name,
        nodes: [
          { op: "MatMul", inputs: ["x", "W"], outputs: [`${output}_h`] },
          { op, inputs: [`${output}_h`], outputs: [output] },
        ],
        outputs: [{ name: output, dims: square }],
      },
    });
    const times = await timesOf({
      graph: {
        nodes: [
          {
            op: "ReduceMax",
            name: "max",
            inputs: ["x"],
            outputs: ["m"],
            attributes: { keepdims: { int: 0 } },
          },
          { op: "Greater", name: "test", inputs: ["m", "limit"], outputs: ["c"] },
          {
            op: "If",
            name: "choice",
            inputs: ["c"],
            outputs: ["y"],
            attributes: {
              then_branch: branch("then", "Softmax", "t"),
              else_branch: branch("else", "Tanh", "e"),
            },
          },
        ],
        inputs: [x],
        outputs: [y],
        initializers: [weights("W", square), floatTensor("limit", [], [1e9])],
      },
    });
    expect(times["e_h"]).toMatchObject({ kind: "measured" });
    expect(times["e"]).toMatchObject({ kind: "measured" });
    expect(times["t_h"]).toBeUndefined();
  });

  it("inside a loop is that of all its turns", async () => {
    const times = await timesOf({
      graph: {
        nodes: [
          {
            op: "Loop",
            name: "loop",
            inputs: ["n", "", "x"],
            outputs: ["y"],
            attributes: {
              body: {
                graph: {
                  name: "body",
                  inputs: [
                    { name: "i", type: "int64", dims: [] },
                    { name: "go", type: "bool", dims: [] },
                    { name: "v", dims: square },
                  ],
                  nodes: [
                    { op: "Identity", name: "on", inputs: ["go"], outputs: ["go_on"] },
                    { op: "MatMul", name: "turn", inputs: ["v", "W"], outputs: ["w"] },
                  ],
                  outputs: [
                    { name: "go_on", type: "bool", dims: [] },
                    { name: "w", dims: square },
                  ],
                },
              },
            },
          },
        ],
        inputs: [x],
        outputs: [y],
        initializers: [weights("W", square), int64Tensor("n", [], [200])],
      },
    });
    expect(times["turn"]).toMatchObject({ kind: "measured" });
    expect(times["turn"]!.ms).toBeGreaterThan(times["on"]!.ms);
    expect(times["loop"]!.ms).toBeGreaterThan(0);
  });
});
