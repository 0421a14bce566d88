import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readModel } from "../../../src/core/model/reader";
import type { Graph, Model } from "../../../src/core/model/types";
import { fileSource, fixtures } from "./fixtures";

/** What kinds of models the fixtures are to hold, whatever their names: a kind that goes missing takes its tests along. */

const FOLDER = join(import.meta.dirname, "../../fixtures/models");

const FIXTURES = fixtures(FOLDER).map((fixture) => ({ ...fixture, model: modelIn(fixture.path) }));

function modelIn(path: string): Model {
  const source = fileSource(path);
  try {
    return readModel(source);
  } finally {
    source.close();
  }
}

/** Operators of all graphs and functions, as "Loop" or "com.microsoft::MoE". */
function operatorsOf(model: Model): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = ({ nodes }: Graph): void => {
    for (const { domain, opType, attributes } of nodes) {
      found.add(domain === "" ? opType : `${domain}::${opType}`);
      for (const attribute of attributes.values()) {
        if (attribute.type === "graph") {
          visit(attribute.value);
        }
      }
    }
  };
  visit(model.graph);
  for (const { graph } of model.functions) {
    visit(graph);
  }
  return found;
}

const BOTH = ["dynamo", "torchscript"] as const;

/** Operators that decide what kind of model it is. */
const OPERATORS = [
  "If",
  "Loop",
  "Scan",
  "SequenceMap",
  "SplitToSequence",
  "ConcatFromSequence",
  "NonMaxSuppression",
  "LSTM",
  "GRU",
  "Attention",
  "RotaryEmbedding",
  "QuantizeLinear",
  "DequantizeLinear",
  "MatMulInteger",
  "DynamicQuantizeLinear",
  "QLinearConv",
  "com.microsoft::MatMulNBits",
  "com.microsoft::GatherBlockQuantized",
  "com.microsoft::DynamicQuantizeLSTM",
  "com.microsoft::QAttention",
  "com.microsoft::Attention",
  "com.microsoft::MultiHeadAttention",
  "com.microsoft::GroupQueryAttention",
  "com.microsoft::EmbedLayerNormalization",
  "com.microsoft::SkipLayerNormalization",
  "com.microsoft::SkipSimplifiedLayerNormalization",
  "com.microsoft::BiasGelu",
  "com.microsoft::FusedConv",
  "com.microsoft::FusedMatMul",
  "com.microsoft::MoE",
] as const;

const hasDynamicAxis = ({ graph }: Model): boolean =>
  graph.inputs.some(({ dims }) => dims?.some((dim) => typeof dim === "string"));

describe("the fixtures", () => {
  test("each model has facts, and each facts file its model", () => {
    const files = readdirSync(FOLDER);
    const models = files.filter((file) => file.endsWith(".onnx"));
    const told = FIXTURES.map(({ facts }) => facts.file);
    expect(models.filter((file) => !told.includes(file))).toEqual([]);
    expect(files.filter((file) => file.endsWith(".facts.json"))).toHaveLength(FIXTURES.length);
  });

  test("the operators that make a model a special one", () => {
    const found = new Set(FIXTURES.flatMap(({ model }) => [...operatorsOf(model)]));
    expect(OPERATORS.filter((operator) => !found.has(operator))).toEqual([]);
  });

  test("dynamic and fixed axes, from both exporters", () => {
    const kinds = FIXTURES.map(
      ({ facts, model }) => `${facts.exporter} ${hasDynamicAxis(model) ? "dynamic" : "fixed"}`,
    );
    const wanted = BOTH.flatMap((exporter) => [`${exporter} dynamic`, `${exporter} fixed`]);
    expect(wanted.filter((kind) => !kinds.includes(kind))).toEqual([]);
  });

  test("old and new versions of the format and of the operators", () => {
    const opsets = FIXTURES.map(({ model }) => model.opsets.get("") ?? Number.NaN);
    expect(Math.min(...opsets)).toBeLessThanOrEqual(7);
    expect(Math.max(...opsets)).toBeGreaterThanOrEqual(23);
    expect(Math.min(...FIXTURES.map(({ model }) => model.irVersion))).toBeLessThanOrEqual(3);
    expect(Math.max(...FIXTURES.map(({ model }) => model.irVersion))).toBeGreaterThanOrEqual(10);
  });

  test("local functions, external data and attention within windows", () => {
    expect(FIXTURES.some(({ model }) => model.functions.length > 0)).toBe(true);
    const isOutside = ({ graph }: Model) =>
      [...graph.initializers.values()].some(({ data }) => data.kind === "external");
    expect(FIXTURES.some(({ model }) => isOutside(model))).toBe(true);
    const windows = FIXTURES.flatMap(({ facts }) => facts.attention).filter(({ window }) => window !== null);
    expect(new Set(windows.map(({ causal }) => causal))).toEqual(new Set([false, true]));
  });
});
