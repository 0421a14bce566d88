import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { infer } from "../../src/core/infer/infer";
import { readModel } from "../../src/core/model/reader";
import { textView } from "../../src/core/text/view";
import { type OutlinePart, outlineOf } from "../../src/host/text/language/outline";
import { TextIndex } from "../../src/host/text/language/textIndex";
import { tokensOf } from "../../src/host/text/language/tokens";
import { FIXTURES } from "../support/fixtures";
import { memorySource } from "../support/sources";

function textOf(path: string) {
  const model = readModel(memorySource(readFileSync(path)));
  return { model, ...textView(model, infer(model), ({ name }) => name.split("/").slice(1, 4).join(".")) };
}

test("words, names in quotes, marks and comments", () => {
  const line = '  [n] "a b", c = com.microsoft.Op<x = "y)"> ("", d)  // float32[1]';
  expect(tokensOf(line).map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    "mark [",
    "name n",
    "mark ]",
    "name a b",
    "mark ,",
    "name c",
    "mark =",
    "name com.microsoft.Op",
    "mark <",
    "name x",
    "mark =",
    "name y)",
    "mark >",
    "mark (",
    "name ",
    "mark ,",
    "name d",
    "mark )",
    "comment float32[1]",
  ]);
  for (const { kind, text, start, end } of tokensOf(line)) {
    expect(line.slice(start, end)).toContain(kind === "comment" ? text : text.slice(0, 1));
  }
});

describe.each(FIXTURES)("$name", ({ path }) => {
  const { model, lines, nodes } = textOf(path);
  const index = new TextIndex(lines);

  test("every node is found with what it makes and reads", () => {
    expect(index.nodes.map(({ line }) => nodes[line])).toEqual(nodes.filter((id) => id >= 0));
    const shown = new Map(index.nodes.map((node) => [nodes[node.line], node]));
    for (const node of model.graph.nodes) {
      const found = shown.get(node.id)!;
      expect([found.name, found.outputs]).toEqual([node.name, node.outputs.filter((name) => name !== "")]);
      for (const input of node.inputs.filter((name) => name !== "")) {
        expect(index.mentions(input).some(({ line }) => line === found.line)).toBe(true);
      }
    }
  });

  test("inputs, outputs and weights are defined where they are declared or made", () => {
    const names = [...model.graph.inputs.map(({ name }) => name), ...model.graph.initializers.keys()];
    for (const name of names) {
      const { line, start, end } = index.definition(name)!;
      expect(lines[line]!.slice(start, end).replaceAll('"', "")).toContain(name.slice(0, 1));
      expect(nodes[line]).toBe(-1);
      expect(index.at(line, start)?.name).toBe(name);
    }
    for (const node of model.graph.nodes) {
      for (const output of node.outputs.filter((name) => name !== "")) {
        expect(nodes[index.definition(output)!.line]).toBe(node.id);
      }
    }
  });

  test("the outline holds every node once, each part within its own", () => {
    const parts = outlineOf(lines, index.nodes);
    const found: number[] = [];
    const walk = ({ kind, start, end, children }: OutlinePart, from: number, to: number) => {
      expect([start >= from, end <= to, start <= end]).toEqual([true, true, true]);
      if (kind === "node") {
        found.push(start);
      }
      for (const child of children) {
        walk(child, start, end);
      }
    };
    for (const part of parts) {
      walk(part, 0, lines.length - 1);
    }
    expect(found.sort((a, b) => a - b)).toEqual(index.nodes.map(({ line }) => line));
  });
});

test("modules nest by their paths", () => {
  const lines = [
    "main (",
    "  float32[2] x",
    ") => (",
    "  float32[2] y",
    ")",
    "{",
    "  // encoder.layer.0",
    "  a = Neg (x)  // float32[2]",
    "  // encoder.layer.1",
    "  b = Neg (a)  // float32[2]",
    "  // head",
    "  y = Neg (b)  // float32[2]",
    "}",
  ];
  const show = ({ label, start, end, children }: OutlinePart): unknown => [
    label,
    start,
    end,
    children.map(show),
  ];
  expect(outlineOf(lines, new TextIndex(lines).nodes).map(show)).toEqual([
    [
      "main",
      5,
      12,
      [
        [
          "encoder",
          6,
          9,
          [
            [
              "layer",
              6,
              9,
              [
                ["0", 6, 7, [["a", 7, 7, []]]],
                ["1", 8, 9, [["b", 9, 9, []]]],
              ],
            ],
          ],
        ],
        ["head", 10, 11, [["y", 11, 11, []]]],
      ],
    ],
  ]);
});
