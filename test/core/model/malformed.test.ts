import { describe, expect, test } from "vitest";
import { LIMITS } from "../../../src/core/limits";
import {
  floatTensor,
  type GraphSpec,
  int64Tensor,
  linearModel,
  type NodeSpec,
  onnxGraph,
  onnxModel,
  onnxNode,
  onnxTensor,
  type TensorSpec,
} from "../../support/onnxBuilder";
import { type Outcome, probe } from "../../support/probe";
import { Random } from "../../support/random";
import { bytesField, concat, message, numberField, tag, textField, utf8, varint } from "../../support/wire";

const LINEAR = onnxModel(linearModel());

function codeOf(outcome: Outcome): string {
  return outcome.kind === "refused" ? outcome.code : "read";
}

function problemsOf(outcome: Outcome): readonly string[] {
  if (outcome.kind === "refused") {
    throw outcome.error;
  }
  return outcome.problems.map(({ message }) => message);
}

/** A model around the content of a graph. */
function model(...graph: readonly Uint8Array[]): Uint8Array {
  return concat(numberField(1, 10), message(7, ...graph), message(8, textField(1, ""), numberField(2, 21)));
}

describe("cut", () => {
  test.each([
    ["a small model", LINEAR],
    ["one with a branch and external data", nestedIf(2)],
  ])("%s at every byte", (_, bytes) => {
    const seen = new Set<string>();
    for (let length = 0; length < bytes.length; length++) {
      const outcome = probe(bytes.subarray(0, length));
      seen.add(codeOf(outcome));
      if (outcome.kind === "refused") {
        expect(outcome.error.where.file).toBe("test.onnx");
        expect(outcome.error.hint).toBeDefined();
      } else {
        expect(outcome.problems.length).toBeGreaterThan(0);
      }
    }
    expect([...seen].sort()).toEqual(["malformed", "read", "truncated"]);
    expect(problemsOf(probe(bytes))).toEqual([]);
  });
});

describe("not a model", () => {
  test("nothing at all", () => {
    expect(codeOf(probe(new Uint8Array()))).toBe("truncated");
  });

  test("random bytes", () => {
    const random = new Random(1);
    for (let count = 0; count < 3000; count++) {
      expect(["malformed", "truncated"]).toContain(codeOf(probe(random.bytes(1 + random.below(300)))));
    }
  });

  test("random bytes inside each message", () => {
    const random = new Random(2);
    const wraps: readonly ((bytes: Uint8Array) => Uint8Array)[] = [
      (bytes) => model(bytes),
      (bytes) => model(bytesField(1, bytes)),
      (bytes) => model(message(1, bytesField(5, bytes))),
      (bytes) => model(bytesField(5, bytes)),
      (bytes) => model(message(11, bytesField(2, bytes))),
      (bytes) => concat(model(), bytesField(25, bytes)),
    ];
    for (let count = 0; count < 3000; count++) {
      codeOf(probe(random.pick(wraps)(random.bytes(random.below(60)))));
    }
  });

  test.each([
    ["zeros", new Uint8Array(1000), "malformed"],
    ["ones", new Uint8Array(1000).fill(255), "malformed"],
    ["text", utf8("Once upon a time there was no model.".repeat(20)), "malformed"],
    ["only a header", numberField(1, 10), "malformed"],
    ["two graphs", concat(model(), message(7)), "malformed"],
    ["a pointer of Git LFS", utf8("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "malformed"],
    ["a web page", utf8("<!DOCTYPE html><html></html>"), "malformed"],
  ])("%s", (_, bytes, code) => {
    expect(codeOf(probe(bytes))).toBe(code);
  });
});

describe("wire types and lengths", () => {
  const fields = [
    ...[1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25].map((field) => ({ field, wrap: (bytes: Uint8Array) => bytes })),
    ...[1, 2, 5, 10, 11, 12, 13, 14, 15, 16].map((field) => ({
      field,
      wrap: (bytes: Uint8Array) => model(bytes),
    })),
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((field) => ({
      field,
      wrap: (bytes: Uint8Array) => model(bytesField(1, bytes)),
    })),
    ...Array.from({ length: 23 }, (_, index) => ({
      field: index + 1,
      wrap: (bytes: Uint8Array) => model(message(1, bytesField(5, bytes))),
    })),
    ...Array.from({ length: 16 }, (_, index) => ({
      field: index + 1,
      wrap: (bytes: Uint8Array) => model(bytesField(5, bytes)),
    })),
  ];

  test("every field in every wire type", () => {
    for (const { field, wrap } of fields) {
      for (let wire = 0; wire < 8; wire++) {
        for (const content of [
          [],
          [0],
          [1, 1],
          [8, 0, 0, 0, 0, 0, 0, 0, 0],
          [255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
        ]) {
          probe(concat(wrap(concat(tag(field, wire), Uint8Array.from(content))), LINEAR));
        }
      }
    }
  });

  test.each([
    ["negative", -1n],
    ["the largest", 2n ** 63n - 1n],
    ["beyond what a double counts", 2n ** 53n + 1n],
    ["past the end of the file", 1000n],
  ])("a length that is %s", (_, length) => {
    expect(["malformed", "truncated"]).toContain(codeOf(probe(bytesField(7, new Uint8Array(), length))));
    expect(["malformed", "truncated"]).toContain(codeOf(probe(model(bytesField(1, utf8("ab"), length)))));
    expect(["malformed", "truncated"]).toContain(
      codeOf(probe(model(message(5, bytesField(9, new Uint8Array(4), length))))),
    );
  });

  test("a message longer than the one around it", () => {
    const graph = model(bytesField(1, textField(4, "Add"), 9n));
    expect(codeOf(probe(graph))).toBe("malformed");
  });

  test("a number that does not end", () => {
    expect(codeOf(probe(concat(tag(1, 0), new Uint8Array(11).fill(255), LINEAR)))).toBe("malformed");
  });

  test("groups without end, and nested ones", () => {
    expect(["malformed", "truncated"]).toContain(codeOf(probe(concat(LINEAR, tag(99, 3)))));
    const deep = concat(...Array.from({ length: 10_000 }, () => tag(99, 3)));
    expect(codeOf(probe(concat(LINEAR, deep)))).toBe("malformed");
  });
});

describe("dims", () => {
  const dims = [-1n, -(2n ** 63n), 2n ** 31n, 2n ** 53n, 2n ** 63n - 1n, 0n];

  test("of tensors", () => {
    for (const first of dims) {
      for (const second of dims) {
        for (const data of [{ raw: new Uint8Array(16) }, {}, { external: { location: "w.bin" } }]) {
          const outcome = probe(withWeight({ type: "float32", dims: [first, second], ...data }));
          const needsNothing = first * second === 0n && first >= 0n && second >= 0n;
          if (!needsNothing) {
            expect(problemsOf(outcome)).not.toEqual([]);
          }
        }
      }
    }
  });

  test("of values", () => {
    for (const first of dims) {
      for (const second of dims) {
        problemsOf(probe(onnxModel(linearModel(4, 3, { graph: withInput([first, second]) }))));
      }
    }
  });

  test("more axes than any tensor has", () => {
    const many = Array.from({ length: LIMITS.rank + 1 }, () => 1);
    expect(codeOf(probe(withWeight({ type: "float32", dims: many })))).toBe("limit");
    expect(codeOf(probe(onnxModel({ graph: withInput(many) })))).toBe("limit");
  });

  test("a billion elements in four bytes", () => {
    const outcome = probe(withWeight({ type: "float32", dims: [1e9], raw: new Uint8Array(4) }));
    expect(problemsOf(outcome).join()).toContain("4000000000 bytes");
  });

  test("an element type that does not exist", () => {
    for (const type of [0, 27, 99, 2 ** 31]) {
      expect(problemsOf(probe(withWeight({ type, dims: [4] }))).join()).toContain(`element type ${type}`);
    }
  });

  test("sizes that operators are told: in the billions, and below zero", () => {
    for (const value of [-5, -1, 2 ** 31, 2 ** 53, -(2 ** 63)]) {
      const reshape: NodeSpec = { op: "Reshape", inputs: ["x", "shape"], outputs: ["y"] };
      const outcome = probe(
        onnxModel({
          graph: {
            nodes: [
              reshape,
              { op: "ConstantOfShape", inputs: ["shape"], outputs: ["z"] },
              {
                op: "Split",
                inputs: ["x"],
                outputs: ["p", "q"],
                attributes: { num_outputs: { int: BigInt(value) } },
              },
              { op: "Unsqueeze", inputs: ["x", "axes"], outputs: ["u"] },
              { op: "Squeeze", inputs: ["x", "axes"], outputs: ["v"] },
              { op: "Expand", inputs: ["x", "axes"], outputs: ["w"] },
              { op: "Col2Im", inputs: ["x", "axes", "axes"], outputs: ["c"] },
              { op: "AffineGrid", inputs: ["x", "axes"], outputs: ["g"] },
              { op: "ReduceSum", inputs: ["x", "axes"], outputs: ["r"] },
            ],
            inputs: [
              { name: "x", dims: [4, "n"] },
              { name: "axes", type: "int64", dims: [BigInt(value)] },
            ],
            initializers: [int64Tensor("shape", [2], [value, value])],
          },
        }),
      );
      expect(outcome.kind === "read" && outcome.problems.filter(({ code }) => code === "internal")).toEqual(
        [],
      );
    }
  });
});

describe("nesting", () => {
  test("graphs up to the limit, and one more", () => {
    expect(problemsOf(probe(nestedIf(LIMITS.graphDepth)))).toEqual([]);
    expect(codeOf(probe(nestedIf(LIMITS.graphDepth + 1)))).toBe("limit");
    expect(codeOf(probe(nestedIf(2000)))).toBe("limit");
  });

  test("types in types", () => {
    let type = message(1, numberField(1, 1));
    for (let depth = 0; depth < 5000; depth++) {
      type = message(4, message(1, type));
    }
    const graph = model(message(11, textField(1, "x"), bytesField(2, type)));
    expect(codeOf(probe(graph))).toBe("limit");
  });

  test("functions that call each other in a chain, in a circle, and more and more often", {
    timeout: 90_000,
  }, () => {
    const call = (op: string) => ({ op, domain: "f", inputs: ["a"], outputs: ["b"] });
    const functions = (count: number, nodesOf: (index: number) => NodeSpec[]) =>
      Array.from({ length: count }, (_, index) => ({
        ...{ name: `F${index}`, domain: "f", inputs: ["a"], outputs: ["b"] },
        nodes: nodesOf(index),
      }));
    const graph: GraphSpec = {
      inputs: [{ name: "a", dims: [1] }],
      outputs: [{ name: "b", dims: [1] }],
      nodes: [call("F0")],
    };
    const opsets = { "": 21, f: 1 };
    const chain = functions(3000, (index) => (index === 2999 ? [] : [call(`F${index + 1}`)]));
    expect(problemsOf(probe(onnxModel({ opsets, graph, functions: chain })))).not.toEqual([]);
    const circle = functions(50, (index) => [call(`F${(index + 1) % 50}`)]);
    expect(problemsOf(probe(onnxModel({ opsets, graph, functions: circle })))).not.toEqual([]);
    const doubling = functions(40, (index) => [
      { ...call(`F${index + 1}`), outputs: ["c"] },
      { ...call(`F${index + 1}`), inputs: ["c"] },
    ]);
    expect(problemsOf(probe(onnxModel({ opsets, graph, functions: doubling })))).not.toEqual([]);
  });
});

describe("graphs that contradict themselves", () => {
  const graphOf = (graph: GraphSpec) => problemsOf(probe(onnxModel({ graph }))).join("\n");
  const relu = (input: string, output: string, name?: string): NodeSpec => ({
    ...{ op: "Relu", inputs: [input], outputs: [output] },
    ...(name === undefined ? {} : { name }),
  });

  test.each<[string, GraphSpec, RegExp]>([
    ["a circle", { nodes: [relu("b", "a"), relu("a", "b")] }, /circle/],
    ["a node that reads itself", { nodes: [relu("a", "a", "self")] }, /circle through self/],
    ["a wrong order", { inputs: [{ name: "x" }], nodes: [relu("a", "b"), relu("x", "a")] }, /order/],
    [
      "a value made twice",
      { inputs: [{ name: "x" }], nodes: [relu("x", "a"), relu("x", "a")] },
      /more than once/,
    ],
    ["a value that is an input too", { inputs: [{ name: "x" }], nodes: [relu("x", "x")] }, /more than once/],
    ["an initializer that is not there", { nodes: [relu("gone", "y")] }, /gone, which nothing makes/],
    ["an output that nothing makes", { outputs: [{ name: "y" }] }, /y is made by nothing/],
    [
      "two initializers of one name",
      { initializers: [floatTensor("w", [1], [1]), floatTensor("w", [1], [2])] },
      /Two initializers are named w/,
    ],
    [
      "an operator of no known domain",
      { nodes: [{ op: "Magic", domain: "my.own", outputs: ["y"] }] },
      /my\.own::Magic/,
    ],
    ["an operator that does not exist", { nodes: [{ op: "Nonsense", outputs: ["y"] }] }, /Nonsense/],
    ["a node without an operator", { nodes: [{ op: "", outputs: ["y"] }] }, /operator/],
  ])("%s", (_, graph, message) => {
    expect(graphOf(graph)).toMatch(message);
  });

  test("nodes of one name are no problem, since nothing refers to them by it", () => {
    expect(graphOf({ inputs: [{ name: "x" }], nodes: [relu("x", "a", "n"), relu("a", "b", "n")] })).toBe("");
  });

  test("no operator set, and one from the future", () => {
    expect(problemsOf(probe(onnxModel({ ...linearModel(), opsets: {} }))).join()).toContain(
      "no operator set",
    );
    for (const version of [0, -1, 9999, 2 ** 40]) {
      problemsOf(probe(onnxModel({ ...linearModel(), opsets: { "": version } })));
    }
    expect(problemsOf(probe(onnxModel({ ...linearModel(), ir: 99 }))).join()).toContain("IR version 99");
  });

  test("sparse initializers without values", () => {
    const outcome = probe(concat(model(message(15, numberField(3, 4))), new Uint8Array()));
    expect(problemsOf(outcome).join()).toContain("lacks its values");
  });
});

describe("floods", () => {
  test("a name longer than any", () => {
    expect(codeOf(probe(model(message(1, textField(3, "x".repeat(LIMITS.nameBytes + 1))))))).toBe("limit");
  });

  test("thousands of broken things: a thousand problems, none of them long", () => {
    const long = "n".repeat(20_000);
    const nodes = Array.from({ length: 1200 }, () =>
      onnxNode({ op: "Relu", inputs: [`${long}x`], outputs: ["y"] }),
    );
    const outcome = probe(model(...nodes.map((node) => bytesField(1, node))));
    expect(outcome.kind).toBe("read");
    if (outcome.kind === "read") {
      const kept = outcome.problems.filter(({ code }) => code === "malformed");
      expect(kept).toHaveLength(LIMITS.problems);
      expect(Math.max(...kept.map((problem) => JSON.stringify(problem).length))).toBeLessThan(3000);
    }
  });

  test("a node with a hundred thousand inputs", () => {
    const inputs = Array.from({ length: 100_000 }, (_, index) => `i${index}`);
    expect(
      problemsOf(probe(onnxModel({ graph: { nodes: [{ op: "Sum", inputs, outputs: ["y"] }] } }))),
    ).not.toEqual([]);
  });

  test("many branches in a graph with many names take no square of the time", () => {
    const branch = onnxGraph({
      nodes: [{ op: "Identity", inputs: ["x"], outputs: ["r"] }],
      outputs: [{ name: "r" }],
    });
    const node = onnxNode({ op: "If", inputs: ["c"], outputs: [""] });
    const attribute = (name: string) =>
      message(5, textField(1, name), bytesField(6, branch), numberField(20, 5));
    const ifs = bytesField(1, concat(node, attribute("then_branch"), attribute("else_branch")));
    const names = Array.from({ length: 10_000 }, (_, index) =>
      bytesField(1, onnxNode({ op: "Relu", inputs: ["x"], outputs: [`v${index}`] })),
    );
    const branches = Array.from({ length: 1500 }, () => ifs);
    const timed = (...nodes: readonly Uint8Array[]) => {
      const bytes = model(...nodes);
      const started = performance.now();
      probe(bytes);
      return performance.now() - started;
    };
    timed(...names.slice(0, 1000), ...branches.slice(0, 100));
    // Against each other, so that a busy machine does not matter.
    const apart = timed(...names) + timed(...branches);
    expect(timed(...names, ...branches)).toBeLessThan(5 * apart);
  });

  test("more fields than can be kept", { timeout: 90_000 }, () => {
    const bytes = new Uint8Array(2 * LIMITS.parts + 2);
    for (let at = 0; at < bytes.length; at += 2) {
      bytes[at] = 0x08;
      bytes[at + 1] = 0x0a;
    }
    expect(codeOf(probe(bytes))).toBe("limit");
  });
});

function withWeight(tensor: TensorSpec): Uint8Array {
  const { graph } = linearModel();
  return onnxModel({
    graph: { ...graph, initializers: [{ ...tensor, name: "W" }, graph.initializers![1]!] },
  });
}

function withInput(dims: readonly (number | bigint)[]): GraphSpec {
  return { ...linearModel().graph, inputs: [{ name: "x", dims }] };
}

/** Branches in branches. Written from the inside out, since the builder itself would recurse. */
function nestedIf(depth: number): Uint8Array {
  let body = concat(
    onnxGraph({
      nodes: [{ op: "Identity", inputs: ["x"], outputs: ["r"] }],
      outputs: [{ name: "r", dims: [1] }],
    }),
  );
  for (let level = 0; level < depth; level++) {
    const attributes = ["then_branch", "else_branch"].map((name, index) =>
      message(
        5,
        textField(1, name),
        bytesField(
          6,
          index === 0
            ? body
            : onnxGraph({
                nodes: [{ op: "Identity", inputs: ["x"], outputs: ["r"] }],
                outputs: [{ name: "r", dims: [1] }],
              }),
        ),
        numberField(20, 5),
      ),
    );
    const node = concat(onnxNode({ op: "If", inputs: ["c"], outputs: ["r"] }), ...attributes);
    body = concat(
      bytesField(1, node),
      textField(2, "g"),
      ...(level === depth - 1
        ? [
            bytesField(11, concat(textField(1, "c"), message(2, message(1, numberField(1, 9), message(2))))),
            bytesField(
              11,
              concat(
                textField(1, "x"),
                message(2, message(1, numberField(1, 1), message(2, message(1, varintDim(1))))),
              ),
            ),
          ]
        : []),
      bytesField(12, concat(textField(1, "r"), message(2, message(1, numberField(1, 1))))),
      bytesField(5, onnxTensor({ name: `w${level}`, type: "int8", dims: [4], raw: new Uint8Array(4) })),
    );
  }
  return model(body);
}

function varintDim(value: number): Uint8Array {
  return concat(tag(1, 0), varint(value));
}
