import { describe, expect, test } from "vitest";
import type { AttributeSpec, GraphSpec, NodeSpec, ValueSpec } from "../../support/onnxBuilder";
import { int64Tensor } from "../../support/onnxBuilder";
import { feed } from "../../support/runtime";
import { Built } from "./built";

/** What is wrong with a node is a problem of that node: the rest of the model keeps its shapes and costs. */

interface Bad {
  readonly what: string;
  readonly node: NodeSpec;
  readonly inputs?: readonly ValueSpec[];
  readonly initializers?: GraphSpec["initializers"];
  readonly values?: readonly ValueSpec[];
  /** Part of what the problem says. */
  readonly says: string;
}

/** The bad node, and beside it a good one whose figures must not suffer. */
function built({ node, inputs = [], initializers = [], values = [] }: Bad): Built {
  return new Built({
    graph: {
      nodes: [
        { name: "bad", outputs: ["y"], ...node },
        { op: "Neg", name: "after", inputs: ["y"], outputs: ["z"] },
        { op: "MatMul", name: "good", inputs: ["p", "p"], outputs: ["q"] },
      ],
      inputs: [{ name: "p", dims: [3, 3] }, { name: "x", dims: [2, 3, 4] }, ...inputs],
      outputs: [],
      initializers: [...initializers],
      values: [...values],
    },
  });
}

const int = (value: number | bigint): AttributeSpec => ({ int: value });
const ints = (...values: readonly (number | bigint)[]): AttributeSpec => ({ ints: values });

const CASES: readonly Bad[] = [
  {
    what: "an attribute of another type",
    node: { op: "Transpose", inputs: ["x"], attributes: { perm: { string: "0,1,2" } } },
    says: "attribute perm is a string where a list of integers is expected",
  },
  {
    what: "a number for a graph",
    node: { op: "Loop", inputs: ["", "", "x"], attributes: { body: int(1) } },
    says: "attribute body is an integer where a graph is expected",
  },
  { what: "no inputs", node: { op: "MatMul", inputs: [] }, says: "input A is missing" },
  {
    what: "the second input left out",
    node: { op: "Gather", inputs: ["x", ""] },
    says: "input indices is missing",
  },
  {
    what: "an input that nobody makes",
    node: { op: "Relu", inputs: ["nowhere"] },
    says: "bad reads nowhere, which nothing makes",
  },
  {
    what: "an axis outside",
    node: { op: "Softmax", inputs: ["x"], attributes: { axis: int(5) } },
    says: "axis 5 lies outside the 3 axes of the data",
  },
  {
    what: "an axis outside in an input",
    node: { op: "ReduceSum", inputs: ["x", "axes"] },
    initializers: [int64Tensor("axes", [2], [0, -4])],
    says: "axis -4 lies outside the 3 axes of the data",
  },
  {
    what: "an axis outside of what Unsqueeze makes",
    node: { op: "Unsqueeze", inputs: ["x", "axes"] },
    initializers: [int64Tensor("axes", [1], [4])],
    says: "axis 4 lies outside the 4 axes of the data",
  },
  {
    what: "a declaration of another shape",
    node: { op: "Relu", inputs: ["x"] },
    values: [{ name: "y", dims: [2, 3, 9] }],
    says: "dim 2 is 4 by the operator and 9 by the file",
  },
  {
    what: "a declaration of another type",
    node: { op: "Relu", inputs: ["x"] },
    values: [{ name: "y", type: "int64", dims: [2, 3, 4] }],
    says: "its type is float32 by the operator and int64 by the file",
  },
  {
    what: "a size beyond any tensor",
    node: { op: "Tile", inputs: ["x", "repeats"] },
    initializers: [int64Tensor("repeats", [3], [2 ** 52, 2 ** 52, 1])],
    says: "would be",
  },
  {
    what: "a size below zero",
    node: { op: "Pad", inputs: ["x", "pads"] },
    initializers: [int64Tensor("pads", [6], [0, 0, 0, 0, -9, 0])],
    says: "dim 1 of an output would be -6",
  },
  {
    what: "an integer division by zero",
    node: { op: "Div", inputs: ["a", "b"] },
    initializers: [int64Tensor("a", [1], [6]), int64Tensor("b", [1], [0])],
    says: "divides integers by zero",
  },
  {
    what: "a stride of zero",
    node: { op: "MaxPool", inputs: ["x"], attributes: { kernel_shape: ints(2), strides: ints(0) } },
    says: "strides and dilations must be at least 1, not 0 and 1",
  },
  {
    what: "a kernel that does not fit",
    node: { op: "MaxPool", inputs: ["x"], attributes: { kernel_shape: ints(9) } },
    says: "a kernel of 9 does not fit into 4",
  },
  {
    what: "operands that do not broadcast",
    node: { op: "Add", inputs: ["x", "b"] },
    inputs: [{ name: "b", dims: [5] }],
    says: "sizes 4 and 5 do not broadcast",
  },
  {
    what: "operands that cannot be multiplied",
    node: { op: "MatMul", inputs: ["x", "b"] },
    inputs: [{ name: "b", dims: [5, 6] }],
    says: "A has 4 columns and B has 5 rows",
  },
  {
    what: "channels that differ",
    node: { op: "Conv", inputs: ["x", "w"] },
    inputs: [{ name: "w", dims: [8, 7, 3] }],
    says: "channels of the input and of the weight differ: 3 and 7",
  },
  {
    what: "parts that cannot be joined",
    node: { op: "Concat", inputs: ["x", "b"], attributes: { axis: int(0) } },
    inputs: [{ name: "b", dims: [2, 3, 5] }],
    says: "sizes of axis 2 differ: 4 and 5",
  },
  {
    what: "a reshape of too few elements",
    node: { op: "Reshape", inputs: ["x", "shape"] },
    initializers: [int64Tensor("shape", [2], [5, 5])],
    says: "24 elements do not fill a shape of 25",
  },
];

describe.each(CASES.map((bad) => [bad.what, bad] as const))("%s", (_what, bad) => {
  test("is reported at its node, and inference goes on", () => {
    const model = built(bad);
    const said = [...model.model.problems, ...model.inference.problems];
    expect(said.map(({ message }) => message).join("; ")).toContain(bad.says);
    expect(said.filter(({ message }) => message.includes("nowhere")).length).toBeLessThan(2);
    expect(said.find(({ message }) => message.includes(bad.says))?.where?.node).toBe("bad");
    expect(model.shown("q")).toBe("float32 [3, 3]");
    expect(model.cost("good").macs).toBe(27);
  });
});

test("problems do not repeat and the values after a bad node are unknown, not wrong", () => {
  const model = built(CASES[5] as Bad);
  expect(model.problems.length).toBe(1);
  expect(model.shown("y")).toBe("float32 [2, 3, 4]");
});

describe("order", () => {
  const relu = (name: string, input: string, output: string): NodeSpec => ({
    ...{ op: "Relu", name, inputs: [input], outputs: [output] },
  });
  const ordered = (...nodes: readonly NodeSpec[]) =>
    new Built({ graph: { nodes, inputs: [{ name: "x", dims: [3] }], outputs: [{ name: "y", dims: [3] }] } });
  const said = ({ model, inference }: Built) => [...model.problems, ...inference.problems];

  test("a circle is said once, with its nodes and not those that wait for it; the rest is inferred", () => {
    const model = ordered(
      { op: "Add", name: "a", inputs: ["x", "q"], outputs: ["p"] },
      relu("b", "p", "q"),
      relu("behind", "q", "y"),
      relu("beside", "x", "z"),
    );
    expect(said(model).map(({ message }) => message)).toEqual(["The graph runs in a circle through a, b."]);
    expect(model.shown("z")).toBe("float32 [3]");
    expect(model.shown("y")).toBe("float32 [3]");
  });

  test("nodes in another order are inferred all the same, said once, and run by onnxruntime", async () => {
    const model = ordered(relu("second", "m", "y"), relu("first", "x", "m"));
    expect(said(model)).toMatchObject([{ severity: "warning", where: { node: "second" } }]);
    expect(model.shown("m")).toBe("float32 [3]");
    expect(await model.run({ x: feed([1, 2, 3], [3]) })).toEqual({ y: "float32 [3]" });
  });

  test("a branch that reads what a later node makes is out of order, too", () => {
    const branch = (op: string) => ({
      graph: { nodes: [{ op, inputs: ["m"], outputs: [`${op}.y`] }], outputs: [{ name: `${op}.y` }] },
    });
    const model = ordered(
      {
        op: "If",
        name: "if",
        inputs: ["c"],
        outputs: ["y"],
        attributes: { then_branch: branch("Relu"), else_branch: branch("Neg") },
      },
      relu("first", "x", "m"),
    );
    expect(said(model).map(({ message }) => message)).toContainEqual(
      expect.stringContaining("if reads a value that a later node makes"),
    );
    expect(model.shown("y")).toBe("float32 [3]");
  });
});
