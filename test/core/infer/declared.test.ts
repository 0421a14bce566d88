import { describe, expect, test } from "vitest";
import { feed } from "../../support/runtime";
import { Built } from "./built";

/**
 * Where the file's declaration of a value contradicts its operators, truth is what onnxruntime makes: it warns, goes on
 * with the real sizes, and refuses the model only where types differ.
 */

type Dims = readonly (number | string)[];

interface Declared {
  readonly what: string;
  /** Of m, between the two nodes; nothing is said of it when left out. */
  readonly between?: Dims;
  /** Of y, the graph's output. */
  readonly output?: Dims;
  readonly type?: "int64";
  readonly says: string;
}

function declaring({ between, output = ["batch", 3], type }: Omit<Declared, "what" | "says">): Built {
  return new Built({
    graph: {
      nodes: [
        { op: "MatMul", name: "first", inputs: ["x", "w"], outputs: ["m"] },
        { op: "MatMul", name: "second", inputs: ["m", "v"], outputs: ["y"] },
      ],
      inputs: [
        { name: "x", dims: ["batch", 4] },
        { name: "w", dims: [4, 5] },
        { name: "v", dims: [5, 3] },
      ],
      outputs: [{ name: "y", dims: output }],
      values: between === undefined ? [] : [{ name: "m", dims: between, ...(type && { type }) }],
    },
  });
}

const feeds = {
  x: feed(new Float32Array(8), [2, 4]),
  w: feed(new Float32Array(20), [4, 5]),
  v: feed(new Float32Array(15), [5, 3]),
};

const CASES: readonly Declared[] = [
  {
    what: "another size between nodes",
    between: ["batch", 9],
    says: "dim 1 is 5 by the operator and 9 by the file",
  },
  {
    what: "another rank between nodes",
    between: [1, "batch", 5],
    says: "it has 2 dims by the operator and 3 by the file",
  },
  {
    what: "another size of an output",
    output: ["batch", 7],
    says: "dim 1 is 3 by the operator and 7 by the file",
  },
  { what: "another rank of an output", output: [3], says: "it has 2 dims by the operator and 1 by the file" },
];

describe.each(CASES.map((one) => [one.what, one] as const))("%s", (_what, declared) => {
  test("figures follow the sizes that onnxruntime makes, and the problem names both", async () => {
    const model = declaring(declared);
    const made = await model.run(feeds);
    expect(made["y"]).toBe("float32 [2, 3]");
    expect(model.shown("y", { batch: 2 })).toBe(made["y"]);
    expect(model.shown("m", { batch: 2 })).toBe("float32 [2, 5]");
    expect(model.amount(model.cost("second").macs, { batch: 2 })).toBe(2 * 5 * 3);
    expect(model.problems.filter((problem) => problem.includes(declared.says))).toHaveLength(1);
  });
});

test("the number of a traced run does not fix a size that an input leaves open, as in onnxruntime", async () => {
  const model = declaring({ between: [7, 5], output: [7, 3] });
  const made = await model.run(feeds);
  expect(model.shown("y", { batch: 2 })).toBe(made["y"]);
  expect(model.problems).toEqual([]);
});

test("a type that contradicts the operator is a problem here and an error there", async () => {
  const model = declaring({ between: ["batch", 5], type: "int64" });
  expect(model.problems.join()).toContain("its type is float32 by the operator and int64 by the file");
  await expect(model.run(feeds)).rejects.toThrow("does not match expected type (tensor(float))");
});

test("what no operator decides is as declared", () => {
  const model = new Built({
    opsets: { "": 17, "own.domain": 1 },
    graph: {
      nodes: [
        { op: "Own", domain: "own.domain", inputs: ["x"], outputs: ["m"] },
        { op: "Relu", inputs: ["m"], outputs: ["y"] },
      ],
      inputs: [{ name: "x", dims: [2] }],
      outputs: [],
      values: [{ name: "m", dims: ["rows", 6] }],
    },
  });
  expect(model.shown("y", { rows: 4 })).toBe("float32 [4, 6]");
});
