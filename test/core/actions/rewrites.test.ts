import { Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { cancelCasts } from "../../../src/core/actions/cancelCasts";
import { cancelTransposes } from "../../../src/core/actions/cancelTransposes";
import { foldConstant } from "../../../src/core/actions/foldConstant";
import { mergeBias } from "../../../src/core/actions/mergeBias";
import { removeNoOp } from "../../../src/core/actions/removeNoOp";
import type { NodeAction } from "../../../src/core/actions/types";
import { applyPatch } from "../../../src/core/edit/apply";
import { caught } from "../../support/caught";
import {
  floatTensor,
  type GraphSpec,
  int64Tensor,
  type NodeSpec,
  onnxModel,
  TYPE_CODES,
  type ValueSpec,
} from "../../support/onnxBuilder";
import { feed, runInRuntime } from "../../support/runtime";
import { Opened } from "./opened";

const X: ValueSpec = { name: "x", dims: [2, 3, 4] };
const open = (value: ValueSpec | string): ValueSpec => (typeof value === "string" ? { name: value } : value);

function modelOf(
  nodes: readonly NodeSpec[],
  {
    inputs = [X],
    outputs = ["y"],
    ...parts
  }: Partial<Omit<GraphSpec, "outputs">> & { readonly outputs?: readonly (ValueSpec | string)[] } = {},
): Uint8Array {
  return onnxModel({ graph: { inputs, outputs: outputs.map(open), nodes, ...parts } });
}

const transpose = (name: string, input: string, output: string, perm?: readonly number[]): NodeSpec => ({
  ...{ op: "Transpose", name, inputs: [input], outputs: [output] },
  ...(perm === undefined ? {} : { attributes: { perm: { ints: perm } } }),
});
const cast = (name: string, input: string, output: string, to: keyof typeof TYPE_CODES): NodeSpec => ({
  ...{ op: "Cast", name, inputs: [input], outputs: [output] },
  attributes: { to: { int: TYPE_CODES[to] } },
});
const node = (op: string, name: string, inputs: readonly string[], output: string): NodeSpec => ({
  ...{ op, name, inputs, outputs: [output] },
});

/** Nodes that are left when the action is taken at one; outputs must be the same bits, and undo gives every byte back. */
async function taken(action: NodeAction, bytes: Uint8Array, at: string): Promise<string[]> {
  const opened = Opened.of(bytes);
  const context = opened.context(at);
  expect(action.answer(context)).toMatchObject({ kind: "offer" });
  const applied = applyPatch(opened.model, action.plan(context, {}, opened.reader));
  const feeds = Object.fromEntries(
    opened.model.graph.inputs.map(({ name, dims, dtype }) => {
      const sizes = (dims ?? []) as number[];
      const count = sizes.reduce((product, size) => product * size, 1);
      const values = Array.from({ length: count }, (_, index) => Math.fround(Math.sin(index) * 3));
      return [
        name,
        dtype === "int64"
          ? new Tensor(
              "int64",
              BigInt64Array.from(values, (value) => BigInt(Math.round(value))),
              sizes,
            )
          : feed(values, sizes),
      ];
    }),
  );
  expect(await runInRuntime(opened.saved(), feeds)).toEqual(await runInRuntime(bytes, feeds));
  const left = [...opened.nodes()].map((one) => one.node.name);
  applied.undo();
  expect(Buffer.compare(opened.saved(), bytes)).toBe(0);
  return left;
}

function refusal(action: NodeAction, bytes: Uint8Array, at: string): string {
  const opened = Opened.of(bytes);
  const answer = action.answer(opened.context(at));
  expect(answer.kind).toBe("refusal");
  expect(caught(() => action.plan(opened.context(at), {}, opened.reader)).code).toBe("inconsistent");
  return answer.kind === "refusal" ? answer.refusal.reason : "";
}

describe("Transposes in a row", () => {
  test("cancel, and both go", async () => {
    const bytes = modelOf([
      node("Neg", "in", ["x"], "a"),
      transpose("t1", "a", "b", [1, 2, 0]),
      transpose("t2", "b", "c", [2, 0, 1]),
      node("Abs", "out", ["c"], "y"),
    ]);
    expect(await taken(cancelTransposes, bytes, "t2")).toEqual(["in", "out"]);
  });

  test("cancel without their attribute, which reverses the axes", async () => {
    const bytes = modelOf([
      transpose("t1", "x", "b"),
      transpose("t2", "b", "c"),
      node("Abs", "out", ["c"], "y"),
    ]);
    expect(await taken(cancelTransposes, bytes, "t2")).toEqual(["out"]);
  });

  test("become one; the first stays while somebody else reads it", async () => {
    const bytes = modelOf(
      [
        transpose("t1", "x", "b", [1, 0, 2]),
        transpose("t2", "b", "y", [0, 2, 1]),
        node("Abs", "other", ["b"], "z"),
      ],
      { outputs: ["y", "z"] },
    );
    expect(await taken(cancelTransposes, bytes, "t2")).toEqual(["t1", "t2", "other"]);
  });

  test("cancel at an output of the graph: whoever made the value makes the output", async () => {
    const bytes = modelOf([
      node("Neg", "in", ["x"], "a"),
      transpose("t1", "a", "b", [0, 2, 1]),
      transpose("t2", "b", "y", [0, 2, 1]),
    ]);
    expect(await taken(cancelTransposes, bytes, "t2")).toEqual(["in"]);
  });

  test("stay where an input would be the output", () => {
    const bytes = modelOf([transpose("t1", "x", "b", [0, 2, 1]), transpose("t2", "b", "y", [0, 2, 1])]);
    expect(refusal(cancelTransposes, bytes, "t2")).toMatch(/output of the graph/);
  });
});

describe("Casts in a row", () => {
  test("go where the type in between is wider", async () => {
    const bytes = modelOf([
      node("Neg", "in", ["x"], "a"),
      cast("c1", "a", "b", "float64"),
      cast("c2", "b", "c", "float32"),
      node("Abs", "out", ["c"], "y"),
    ]);
    expect(await taken(cancelCasts, bytes, "c2")).toEqual(["in", "out"]);
  });

  test("become one", async () => {
    const bytes = modelOf(
      [cast("c1", "x", "b", "float64"), cast("c2", "b", "c", "int64"), node("Abs", "out", ["c"], "y")],
      { outputs: [{ name: "y", type: "int64" }] },
    );
    expect(await taken(cancelCasts, bytes, "c2")).toEqual(["c2", "out"]);
  });

  test("stay where the type in between rounds", () => {
    const bytes = modelOf([
      cast("c1", "x", "b", "float16"),
      cast("c2", "b", "c", "float32"),
      node("Abs", "out", ["c"], "y"),
    ]);
    expect(refusal(cancelCasts, bytes, "c2")).toBe(
      "float16 does not hold every float32, so that the first Cast rounds or cuts.",
    );
  });
});

describe("nodes that change nothing", () => {
  const SHAPE = int64Tensor("shape", [3], [2, 3, 4]);
  const whole = ["starts", "ends"].map((name, index) => int64Tensor(name, [1], [index * 100]));

  test.each<[string, NodeSpec, Partial<GraphSpec>]>([
    ["Identity", node("Identity", "n", ["a"], "b"), {}],
    ["Dropout", node("Dropout", "n", ["a"], "b"), {}],
    ["Cast to the same type", cast("n", "a", "b", "float32"), {}],
    ["Transpose in order", transpose("n", "a", "b", [0, 1, 2]), {}],
    ["Reshape to the same shape", node("Reshape", "n", ["a", "shape"], "b"), { initializers: [SHAPE] }],
    ["Slice of all", node("Slice", "n", ["a", "starts", "ends"], "b"), { initializers: whole }],
    ["Concat of one", { ...node("Concat", "n", ["a"], "b"), attributes: { axis: { int: 0 } } }, {}],
    ["Sum of one", node("Sum", "n", ["a"], "b"), {}],
  ])("%s", async (_, one, parts) => {
    const bytes = modelOf([node("Neg", "in", ["x"], "a"), one, node("Abs", "out", ["b"], "y")], parts);
    expect(await taken(removeNoOp, bytes, "n")).toEqual(["in", "out"]);
  });

  test.each<[string, NodeSpec, Partial<GraphSpec>]>([
    ["Transpose", transpose("n", "a", "b", [0, 2, 1]), {}],
    ["Cast", cast("n", "a", "b", "float64"), {}],
    [
      "Reshape",
      node("Reshape", "n", ["a", "shape"], "b"),
      { initializers: [int64Tensor("shape", [2], [6, 4])] },
    ],
    [
      "Slice backwards",
      node("Slice", "n", ["a", "starts", "ends", "axes", "steps"], "b"),
      {
        initializers: [
          int64Tensor("starts", [1], [-1]),
          int64Tensor("ends", [1], [-100]),
          int64Tensor("axes", [1], [0]),
          int64Tensor("steps", [1], [-1]),
        ],
      },
    ],
    [
      "Dropout whose mask is read",
      { op: "Dropout", name: "n", inputs: ["a"], outputs: ["b", "mask"] },
      { outputs: [{ name: "y" }, { name: "mask" }] },
    ],
  ])("%s that does something stays", (_, one, parts) => {
    const bytes = modelOf([node("Neg", "in", ["x"], "a"), one, node("Abs", "out", ["b"], "y")], parts);
    const opened = Opened.of(bytes);
    expect(removeNoOp.answer(opened.context("n"))).toEqual({ kind: "none" });
    expect(caught(() => removeNoOp.plan(opened.context("n"), {}, opened.reader)).code).toBe("inconsistent");
  });

  test("one that gives an input out under another name stays, since outputs cannot be inputs", () => {
    expect(refusal(removeNoOp, modelOf([node("Identity", "n", ["x"], "y")]), "n")).toMatch(/output/);
  });
});

describe("MatMul and the Add of its bias", () => {
  const inputs: ValueSpec[] = [{ name: "x", dims: [5, 3] }];
  const W = floatTensor("W", [3, 2], [1, 2, 3, 4, 5, 6]);
  const layer = (bias = "B"): NodeSpec[] => [
    node("MatMul", "product", ["x", "W"], "p"),
    node("Add", "sum", [bias, "p"], "y"),
  ];

  test("become one Gemm", async () => {
    const bytes = modelOf(layer(), { inputs, initializers: [W, floatTensor("B", [2], [8, -4])] });
    expect(await taken(mergeBias, bytes, "product")).toEqual(["product_Gemm"]);
  });

  test.each<[string, Partial<GraphSpec>, RegExp]>([
    [
      "more than two axes",
      { inputs: [{ name: "x", dims: [4, 5, 3] }], initializers: [W, floatTensor("B", [2], [1, 2])] },
      /rank 3 and 2/,
    ],
    [
      "a sum that makes the result larger",
      { inputs: [{ name: "x", dims: [1, 3] }], initializers: [W, floatTensor("B", [2, 2], [1, 2, 3, 4])] },
      /no single row/,
    ],
  ])("stay with %s", (_, parts, reason) => {
    expect(refusal(mergeBias, modelOf(layer(), parts), "product")).toMatch(reason);
  });

  test("stay where the product is read twice", () => {
    const nodes = [...layer(), node("Abs", "other", ["p"], "z")];
    const bytes = modelOf(nodes, {
      inputs,
      initializers: [W, floatTensor("B", [2], [8, -4])],
      outputs: ["y", "z"],
    });
    expect(mergeBias.answer(Opened.of(bytes).context("product"))).toEqual({ kind: "none" });
  });
});

describe("nodes with the same result in every run", () => {
  test("sizes of an input whose shape is fixed, with all that led there", async () => {
    const bytes = modelOf(
      [
        node("Shape", "shape", ["x"], "s"),
        node("Gather", "pick", ["s", "one"], "length"),
        node("Concat", "join", ["minus", "length"], "target"),
        node("Reshape", "flat", ["x", "target"], "f"),
        node("Abs", "out", ["f"], "y"),
      ].map((one) => (one.op === "Concat" ? { ...one, attributes: { axis: { int: 0 } } } : one)),
      { initializers: [int64Tensor("one", [1], [1]), int64Tensor("minus", [1], [-1])] },
    );
    expect(await taken(foldConstant, bytes, "join")).toEqual(["flat", "out"]);
    const opened = Opened.of(bytes);
    for (const earlier of ["shape", "pick"]) {
      expect(foldConstant.answer(opened.context(earlier))).toEqual({ kind: "none" });
    }
  });

  const W = floatTensor("W", [4, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  test.each<[string, NodeSpec, number[]]>([
    ["transposed", transpose("n", "W", "v"), [3, 4]],
    ["reshaped", node("Reshape", "n", ["W", "shape"], "v"), [3, 4]],
  ])("a weight that is %s", async (_, one, shape) => {
    const bytes = modelOf([one, node("Add", "out", ["x", "v"], "y")], {
      inputs: [{ name: "x", dims: shape }],
      initializers: [W, ...(one.op === "Reshape" ? [int64Tensor("shape", [2], shape)] : [])],
    });
    expect(await taken(foldConstant, bytes, "n")).toEqual(["out"]);
  });

  test("a weight that is converted, at an output of the graph", async () => {
    const bytes = modelOf([cast("n", "W", "y", "float16"), node("Abs", "other", ["x"], "z")], {
      initializers: [W],
      outputs: [{ name: "y", type: "float16" }, "z"],
    });
    expect(await taken(foldConstant, bytes, "n")).toEqual(["other"]);
  });

  test("stay where a caller can give another weight, or sizes are open", () => {
    const given = modelOf([transpose("n", "W", "v"), node("Add", "out", ["x", "v"], "y")], {
      inputs: [
        { name: "x", dims: [3, 4] },
        { name: "W", dims: [4, 3] },
      ],
      initializers: [W],
    });
    expect(foldConstant.answer(Opened.of(given).context("n"))).toEqual({ kind: "none" });
    const dynamic = modelOf([node("Shape", "n", ["x"], "s"), node("Reshape", "out", ["x", "s"], "y")], {
      inputs: [{ name: "x", dims: ["batch", 3] }],
    });
    expect(foldConstant.answer(Opened.of(dynamic).context("n"))).toEqual({ kind: "none" });
  });
});
