import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { applyPatch } from "../../../src/core/edit/apply";
import type { Edit } from "../../../src/core/edit/types";
import { readModel } from "../../../src/core/model/reader";
import type { Graph, Model, NodeId, TensorRef } from "../../../src/core/model/types";
import { planSave, usesExternalData } from "../../../src/core/model/writer";
import { byteLength, TensorReader } from "../../../src/core/tensor/reader";
import { FIXTURES } from "../../support/fixtures";
import { injectGroups, injectUnknown } from "../../support/injectUnknown";
import { expectSame, modelContent } from "../../support/modelContent";
import { savedBytes } from "../../support/planBytes";
import { memorySource } from "../../support/sources";
import { concat } from "../../support/wire";

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
    expectSame(modelContent(padded.model, padded.reader), modelContent(plain.model, plain.reader));
  });

  test("edits are saved, reopen equal, load in onnxruntime and undo to the same bytes", async () => {
    const bytes = injectUnknown(original);
    const { model, reader } = read(bytes);
    const { undo } = applyPatch(model, { label: "test", edits: editsFor(model, reader) });
    const saved = savedBytes(model, reader, { externalLocation: NEW_DATA });
    expect(Object.keys(saved.sideFiles)).toEqual(usesExternalData(model) ? [NEW_DATA] : []);
    const reopened = read(saved.model, saved.sideFiles);
    expect(reopened.model.problems).toEqual([]);
    expectSame(modelContent(reopened.model, reopened.reader), modelContent(model, reader));

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
 * A copy of the largest weight takes the place of the weight, which is dropped, and an Identity reads the copy; where
 * the model has no weight of its own, only an Identity of the first output goes to the end.
 */
function editsFor({ graph }: Model, reader: TensorReader): Edit[] {
  const identity = (name: string, input: string, before: NodeId | undefined): Edit => ({
    kind: "addNode",
    graph: "",
    before,
    node: {
      name,
      domain: "",
      opType: "Identity",
      inputs: [input],
      outputs: [`${name}_out`],
      attributes: new Map(),
      metadata: new Map([["why", "a test"]]),
    },
  });
  const last = identity("test_last", graph.outputs[0]!.name, undefined);
  const weight = largestWeight(graph);
  const readers = graph.nodes.filter(({ inputs }) => weight !== undefined && inputs.includes(weight.name));
  if (weight === undefined) {
    return [last];
  }
  const copy: TensorRef = {
    name: "test_copy",
    dtype: weight.dtype,
    dims: weight.dims,
    data: { kind: "memory", bytes: concat(...Array.from(reader.raw(weight), (chunk) => chunk.slice())) },
  };
  return [
    { kind: "putTensor", graph: "", tensor: copy },
    identity("test_identity", copy.name, readers[0]!.id),
    ...readers.flatMap((node) =>
      node.inputs.flatMap((input, index): Edit[] =>
        input === weight.name
          ? [{ kind: "setInput", graph: "", node: node.id, index, value: copy.name }]
          : [],
      ),
    ),
    { kind: "dropTensor", graph: "", name: weight.name },
    last,
  ];
}

/** The largest weight that nodes of the main graph read and no graph inside it does. */
function largestWeight(graph: Graph): TensorRef | undefined {
  const inner = new Set(
    [...graphsBelow(graph)].flatMap(({ nodes }) => nodes).flatMap(({ inputs }) => inputs),
  );
  const own = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  return [...graph.initializers.values()]
    .filter(({ name, sparse }) => own.has(name) && !inner.has(name) && sparse === undefined)
    .filter(({ name }) => ![...graph.inputs, ...graph.outputs].some((value) => value.name === name))
    .sort((a, b) => byteLength(b) - byteLength(a))[0];
}

function* graphsBelow(graph: Graph): Generator<Graph> {
  for (const attribute of graph.nodes.flatMap(({ attributes }) => [...attributes.values()])) {
    for (const inner of attribute.type === "graph" ? [attribute.value] : []) {
      yield inner;
      yield* graphsBelow(inner);
    }
  }
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
