import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { allGraphs } from "../../../src/core/edit/graphs";
import { infer } from "../../../src/core/infer/infer";
import { readModel } from "../../../src/core/model/reader";
import type { Model } from "../../../src/core/model/types";
import { type TextLines, textView } from "../../../src/core/text/view";
import type { ByteSource } from "../../../src/core/wire/source";
import { FIXTURES } from "../../support/fixtures";
import { floatTensor, type ModelSpec, onnxModel } from "../../support/onnxBuilder";
import { repeated } from "../../support/repeatedModel";
import { memoryReader, memorySource } from "../../support/sources";

function viewOf(
  source: ByteSource,
  pathOf: (name: string) => string = () => "",
): { model: Model; view: TextLines } {
  const model = readModel(source);
  const reader = memoryReader(source);
  const inference = infer(model, { readSmall: (tensor) => reader.small(tensor, 256) });
  return { model, view: textView(model, inference, (node) => pathOf(node.name)) };
}

const textOf = (spec: ModelSpec, pathOf?: (name: string) => string) =>
  viewOf(memorySource(onnxModel(spec)), pathOf).view.lines.join("\n");

describe.each(FIXTURES)("$name", ({ path }) => {
  const bytes = readFileSync(path);
  const { model, view } = viewOf(memorySource(bytes), (name) => name.split("/").slice(1, -1).join("."));
  const nodes = [...allGraphs(model)].flatMap((graph) => graph.nodes);

  test("every node has one line, which names its operator and what it makes", () => {
    expect(view.nodes.length).toBe(view.lines.length);
    const lineOf = new Map(
      view.nodes.map((node, line) => [node, line] as const).filter(([node]) => node >= 0),
    );
    expect(lineOf.size).toBe(view.nodes.filter((node) => node >= 0).length);
    expect([...lineOf.keys()].sort((a, b) => a - b)).toEqual(nodes.map(({ id }) => id).sort((a, b) => a - b));
    for (const node of nodes) {
      const line = view.lines[lineOf.get(node.id)!]!;
      expect(line).toContain(`${node.opType}`);
      expect(line).toContain(JSON.stringify(node.outputs.at(-1)).slice(1, -1));
    }
  });

  test("lines are lines, and the same model gives the same ones", () => {
    expect(view.lines.filter((line) => /[\r\n\u2028\u2029\u0085]/.test(line))).toEqual([]);
    const again = viewOf(memorySource(bytes), (name) => name.split("/").slice(1, -1).join("."));
    expect(again.view.lines).toEqual(view.lines);
  });
});

test("inputs, outputs, weights as types, nodes with shapes, modules and attributes", () => {
  const spec: ModelSpec = {
    opsets: { "": 21, "com.example": 2 },
    producer: "unit",
    graph: {
      name: "main",
      inputs: [{ name: "x", dims: ["batch", 4] }],
      outputs: [{ name: "y", dims: ["batch", 3] }],
      initializers: [
        floatTensor("fc.weight", [3, 4], new Array(12).fill(1)),
        floatTensor("fc/bias", [3], [1, 2, 3]),
      ],
      nodes: [
        {
          op: "Gemm",
          name: "fc",
          inputs: ["x", "fc.weight", "fc/bias"],
          outputs: ["h"],
          attributes: { transB: { int: 1 }, alpha: { float: 0.1 } },
        },
        { op: "Clip", name: "", inputs: ["h", "", "h"], outputs: ["c"] },
        { op: "Odd", domain: "com.example", name: "last", inputs: ["c"], outputs: ["y"] },
      ],
    },
  };
  expect(textOf(spec, (name) => (name === "fc" ? "encoder.fc" : ""))).toBe(`<
  ir_version: 10,
  opset_import: ["" : 21, "com.example" : 2],
  producer_name: "unit",
  producer_version: ""
>
main (
  float32[batch, 4] x
) => (
  float32[batch, 3] y
)
<
  float32[3,4] fc.weight,
  float32[3] "fc/bias"
>
{
  // encoder.fc
  [fc] h = Gemm <transB = 1, alpha = 0.1> (x, fc.weight, "fc/bias")  // float32[batch, 3]
  // (no module)
  c = Clip (h, "", h)  // float32[batch, 3]
  [last] y = com.example.Odd (c)  // float32[batch, 3]
}`);
});

test("branches stand below their node, functions below the graph", () => {
  const branch = (output: string) => ({
    graph: {
      nodes: [{ op: "Neg", inputs: ["x"], outputs: [output] }],
      outputs: [{ name: output, dims: [2] }],
    },
  });
  const text = textOf({
    opsets: { "": 21, local: 1 },
    graph: {
      inputs: [
        { name: "x", dims: [2] },
        { name: "c", type: "bool", dims: [] },
      ],
      outputs: [{ name: "y", dims: [2] }],
      nodes: [
        {
          op: "If",
          name: "choice",
          inputs: ["c"],
          outputs: ["z"],
          attributes: { then_branch: branch("a"), else_branch: branch("b") },
        },
        { op: "Twice", domain: "local", inputs: ["z"], outputs: ["y"] },
      ],
    },
    functions: [
      {
        name: "Twice",
        domain: "local",
        inputs: ["v"],
        outputs: ["w"],
        attributes: ["mode"],
        nodes: [{ op: "Add", name: "sum", inputs: ["v", "v"], outputs: ["w"] }],
      },
    ],
  });
  expect(text).toContain("\n    {\n      a = Neg (x)  // float32[2]\n    }\n");
  expect(text).toContain(
    '<domain: "local", opset_import: ["" : 21]>\nTwice <mode> (v) => (w)\n{\n  [sum] w = Add (v, v)',
  );
});

describe("names", () => {
  const EVIL = [
    "two\nlines",
    "carriage\rreturn",
    "line\u2028separator",
    "next\u0085line",
    "right\u202eto left",
    "zero\u200bwidth",
    "tag\u{e0041}",
    'quote"and\\slash',
    "\u0000nul",
    "// no comment",
    "grün ☃",
  ];

  test.each(EVIL)("%j cannot break a line, wherever it stands", (evil) => {
    const source = memorySource(
      onnxModel({
        opsets: { "": 21, [evil]: 1 },
        producer: evil,
        graph: {
          name: evil,
          inputs: [{ name: `${evil} in`, dims: [evil, 2] }],
          outputs: [{ name: `${evil} out`, dims: [evil, 2] }],
          initializers: [floatTensor(`${evil} weight`, [1], [1])],
          nodes: [
            {
              op: evil,
              domain: evil,
              name: evil,
              inputs: [`${evil} in`],
              outputs: [`${evil} out`],
              attributes: { [evil]: { string: evil }, list: { strings: [evil] } },
            },
          ],
        },
        functions: [
          {
            name: `${evil} f`,
            domain: evil,
            inputs: [evil],
            outputs: [`${evil} o`],
            attributes: [evil],
            nodes: [{ op: "Neg", name: evil, inputs: [evil], outputs: [`${evil} o`] }],
          },
        ],
      }),
    );
    const plain = viewOf(
      memorySource(
        onnxModel({
          opsets: { "": 21, plain: 1 },
          producer: "plain",
          graph: {
            name: "plain",
            inputs: [{ name: "in", dims: ["plain", 2] }],
            outputs: [{ name: "out", dims: ["plain", 2] }],
            initializers: [floatTensor("weight", [1], [1])],
            nodes: [{ op: "plain", domain: "plain", inputs: ["in"], outputs: ["out"] }],
          },
          functions: [
            {
              name: "f",
              domain: "plain",
              inputs: ["p"],
              outputs: ["o"],
              nodes: [{ op: "Neg", inputs: ["p"], outputs: ["o"] }],
            },
          ],
        }),
      ),
      () => "plain",
    ).view;
    const { view } = viewOf(source, () => evil);
    expect(view.lines.length).toBe(plain.lines.length);
    const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
    expect(view.lines.filter((line) => hidden.test(line))).toEqual([]);
  });

  test("are quoted where the syntax would not take them", () => {
    const nodes = [
      { op: "Neg", name: "a.b_c", inputs: ["x"], outputs: ["/a/b"] },
      { op: "Neg", name: "1st", inputs: ["/a/b"], outputs: ["y"] },
    ];
    const text = textOf({
      graph: { inputs: [{ name: "x", dims: [1] }], outputs: [{ name: "y", dims: [1] }], nodes },
    });
    expect(text).toContain('[a.b_c] "/a/b" = Neg (x)');
    expect(text).toContain('["1st"] y = Neg ("/a/b")');
  });
});

test("long lists and texts are shortened, floats are as short as they can be", () => {
  const many = Array.from({ length: 1000 }, (_, index) => index);
  const text = textOf({
    graph: {
      outputs: [{ name: "y" }],
      nodes: [
        {
          op: "Odd",
          outputs: ["y"],
          attributes: {
            ints: { ints: many },
            floats: { floats: [0.1, 1, 1e-8, 16777216, Number.NaN, Number.NEGATIVE_INFINITY] },
            strings: { strings: many.map(String) },
            text: { string: "x".repeat(5000) },
            tensor: { tensor: floatTensor("", [1000], many) },
          },
        },
      ],
    },
  });
  const line = text.split("\n").find((one) => one.includes("Odd"))!;
  expect(line.length).toBeLessThan(600);
  expect(line).toContain("ints = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, …]");
  expect(line).toContain("floats = [0.1, 1.0, 1e-8, 16777216.0, NaN, -Infinity]");
  expect(line).toContain("tensor = float32[1000] {…}");
});

test("weights are not read", () => {
  const weight = floatTensor("W", [64, 64], new Array(4096).fill(0.5));
  const bytes = onnxModel({
    graph: {
      inputs: [{ name: "x", dims: [1, 64] }],
      outputs: [{ name: "y", dims: [1, 64] }],
      nodes: [{ op: "MatMul", inputs: ["x", "W"], outputs: ["y"] }],
      initializers: [weight],
    },
  });
  const start = Buffer.from(bytes).indexOf(Buffer.from(weight.raw!));
  const memory = memorySource(bytes);
  const model = readModel(memory);
  const forbidden: ByteSource = {
    ...memory,
    read(offset, into) {
      if (offset < start + 4096 * 4 && offset + into.length > start) {
        throw new Error("the weights are read");
      }
      memory.read(offset, into);
    },
  };
  const reader = memoryReader(forbidden);
  const inference = infer(model, { readSmall: (tensor) => reader.small(tensor, 256) });
  expect(textView(model, inference, () => "").lines.join("\n")).toContain("float32[64,64] W");
});

test("20,000 nodes are a few megabytes of text", () => {
  const { path } = FIXTURES.find(({ name }) => name === "bert-torchscript")!;
  const small = readModel(memorySource(readFileSync(path)));
  const model = repeated(small, Math.ceil(20_000 / small.graph.nodes.length));
  const { lines } = textView(model, infer(model), () => "");
  const length = lines.reduce((sum, line) => sum + line.length + 1, 0);
  expect(lines.length).toBeGreaterThan(20_000);
  expect(length).toBeLessThan(6_000_000);
});
