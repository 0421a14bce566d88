import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { applyPatch } from "../../../src/core/edit/apply";
import type { Edit } from "../../../src/core/edit/types";
import { readModel } from "../../../src/core/model/reader";
import type { Model, TensorRef } from "../../../src/core/model/types";
import { planSave, usesExternalData } from "../../../src/core/model/writer";
import { TensorReader } from "../../../src/core/tensor/reader";
import { FIXTURES } from "../../support/fixtures";
import { injectGroups, injectUnknown } from "../../support/injectUnknown";
import { modelContent } from "../../support/modelContent";
import { savedBytes } from "../../support/planBytes";
import { memorySource } from "../../support/sources";
import { floats } from "../../support/wire";

interface Read {
  readonly model: Model;
  readonly reader: TensorReader;
}

const NEW_DATA = "new.data";

describe.each(FIXTURES)("$name", ({ path }) => {
  const original = readFileSync(path);
  const sideFile = (location: string) => readFileSync(join(dirname(path), location));

  function read(bytes: Uint8Array, sideFiles: { readonly [location: string]: Uint8Array } = {}): Read {
    const source = memorySource(bytes, path);
    const reader = new TensorReader(source, {
      open: (location) => memorySource(sideFiles[location] ?? sideFile(location), location),
    });
    return { model: readModel(source), reader };
  }

  test.each([
    ["as it is", original],
    ["with unknown fields everywhere", injectUnknown(original)],
    ["with groups everywhere", injectGroups(original)],
  ])("%s: saved without edits it is the same, byte for byte", (_, bytes) => {
    const { model, reader } = read(bytes);
    expect(model.problems).toEqual([]);
    expect(planSave(model).segments).toHaveLength(1);
    expect(Buffer.compare(savedBytes(model, reader).model, bytes)).toBe(0);
  });

  test("unknown fields do not change what is read", () => {
    const plain = read(original);
    const padded = read(injectUnknown(original));
    expect(modelContent(padded.model, padded.reader)).toEqual(modelContent(plain.model, plain.reader));
  });

  test("edits are saved, reopen equal, load in onnxruntime and undo to the same bytes", async () => {
    const bytes = injectUnknown(original);
    const { model, reader } = read(bytes);
    const { undo } = applyPatch(model, { label: "test", edits: editsFor(model) });
    const saved = savedBytes(model, reader, { externalLocation: NEW_DATA });
    expect(Object.keys(saved.sideFiles)).toEqual(usesExternalData(read(original).model) ? [NEW_DATA] : []);
    const reopened = read(saved.model, saved.sideFiles);
    expect(reopened.model.problems).toEqual([]);
    expect(modelContent(reopened.model, reopened.reader)).toEqual(modelContent(model, reader));

    // Every message of the file carries the unknown fields once; edits only drop those of what they replace.
    expect(futures(saved.model)).toBeGreaterThanOrEqual(futures(bytes) - 4);

    const loaded = await InferenceSession.create(saved.model, {
      graphOptimizationLevel: "disabled",
      externalData: [
        ...locationsOf(model).map((location) => ({ path: location, data: sideFile(location) })),
        ...Object.entries(saved.sideFiles).map(([location, data]) => ({ path: location, data })),
      ],
    });
    expect(loaded.outputNames).toEqual(model.graph.outputs.map(({ name }) => name));
    await loaded.release();

    undo();
    expect(Buffer.compare(savedBytes(model, reader).model, bytes)).toBe(0);
  });
});

/**
 * One of each verb, on whatever the model has: a node that reads a weight gets it through a new Identity from a copy of
 * the weight made in memory, the old one is dropped where nothing else reads it, and an Identity goes behind the graph.
 */
function editsFor(model: Model): Edit[] {
  const { graph } = model;
  const uses = new Map<string, number>();
  for (const name of graph.nodes.flatMap(({ inputs }) => inputs)) {
    uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  const weightOf = (name: string): TensorRef | undefined => {
    const tensor = graph.initializers.get(name);
    const elements = tensor?.dims.reduce((product, dim) => product * dim, 1) ?? 0;
    const isFloat = tensor?.dtype === "float32" || tensor?.dtype === "float16";
    return isFloat && elements >= 256 && elements <= 65_536 && uses.get(name) === 1 ? tensor : undefined;
  };
  const node = graph.nodes.find(({ inputs, opType }) => opType !== "Constant" && inputs.some(weightOf))!;
  const index = node.inputs.findIndex(weightOf);
  const weight = weightOf(node.inputs[index]!)!;
  const elements = weight.dims.reduce((product, dim) => product * dim, 1);
  const content = floats(Array.from({ length: elements }, (_, position) => 1 / (position + 3)));
  const bytes = weight.dtype === "float32" ? content : content.subarray(0, elements * 2);
  const identity = (name: string, input: string, output: string) => ({
    name,
    domain: "",
    opType: "Identity",
    inputs: [input],
    outputs: [output],
    attributes: new Map(),
    metadata: new Map([["why", "a test"]]),
  });
  return [
    {
      kind: "putTensor",
      graph: "",
      tensor: {
        name: "test_copy",
        dtype: weight.dtype,
        dims: weight.dims,
        data: { kind: "memory", bytes },
      },
    },
    {
      kind: "addNode",
      graph: "",
      node: identity("test_identity", "test_copy", "test_through"),
      before: node.id,
    },
    { kind: "setInput", graph: "", node: node.id, index, value: "test_through" },
    { kind: "dropTensor", graph: "", name: weight.name },
    {
      kind: "addNode",
      graph: "",
      node: identity("test_last", graph.outputs[0]!.name, "test_unused"),
      before: undefined,
    },
  ];
}

function locationsOf(model: Model): string[] {
  const locations = [...model.graph.initializers.values()].flatMap(({ data }) =>
    data.kind === "external" ? [data.location] : [],
  );
  return [...new Set(locations)];
}

function futures(bytes: Uint8Array): number {
  return Buffer.from(bytes).toString("latin1").split("from the future").length - 1;
}
