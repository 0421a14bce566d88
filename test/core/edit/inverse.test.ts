import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Applied, applyPatch } from "../../../src/core/edit/apply";
import { ModelError } from "../../../src/core/errors";
import { infer } from "../../../src/core/infer/infer";
import { readModel } from "../../../src/core/model/reader";
import type { Model } from "../../../src/core/model/types";
import type { TensorReader } from "../../../src/core/tensor/reader";
import { textView } from "../../../src/core/text/view";
import { FIXTURES } from "../../support/fixtures";
import { injectUnknown } from "../../support/injectUnknown";
import { modelContent } from "../../support/modelContent";
import { onnxModel } from "../../support/onnxBuilder";
import { savedBytes } from "../../support/planBytes";
import { memoryReader, memorySource } from "../../support/sources";
import { NESTED } from "./nested";
import { type Draw, draws, editFor } from "./randomEdits";

/** Everything of a model that an edit may change, weights left out of it. */
function snapshot(model: Model): unknown {
  const { nextNodeId: _, source: __, ...rest } = model;
  return JSON.parse(
    JSON.stringify(rest, (key, value: unknown) => (key === "parent" ? undefined : listed(value))),
  );
}

/** Maps, sets and metadata as lists, in their order; a parent would make a circle. */
function listed(value: unknown): unknown {
  const isCollection =
    typeof value === "object" && value !== null && !Array.isArray(value) && Symbol.iterator in value;
  return isCollection ? [...(value as Iterable<unknown>)] : value;
}

function textOf(model: Model, reader: TensorReader): string {
  const inference = infer(model, { readSmall: (tensor) => reader.small(tensor, 256) });
  return textView(model, inference, (node) => node.metadata.get("scope") ?? "").lines.join("\n");
}

/** Applies what can be applied of the draws, then takes all back; answers how many edits went through. */
function thereAndBack(bytes: Uint8Array, sequence: readonly (readonly Draw[])[]): number {
  const source = memorySource(bytes);
  const reader = memoryReader(source);
  const model = readModel(source);
  const problems = model.problems.length;
  const before = {
    model: snapshot(model),
    text: textOf(model, reader),
    saved: savedBytes(model, reader).model,
  };
  expect(Buffer.compare(before.saved, bytes)).toBe(0);
  const done: Applied[] = [];
  for (const patch of sequence) {
    const edits = patch.map((draw) => editFor(model, draw)).filter((edit) => edit !== undefined);
    const state = snapshot(model);
    try {
      done.push(applyPatch(model, { label: "test", edits }));
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(ModelError);
      expect((thrown as ModelError).code).toBe("inconsistent");
      expect(snapshot(model)).toEqual(state);
    }
  }
  const edited = { model: snapshot(model), content: modelContent(model, reader) };
  const saved = savedBytes(model, reader).model;
  const again = readModel(memorySource(saved));
  expect(again.problems.length).toBe(problems);
  expect(modelContent(again, memoryReader(memorySource(saved)))).toEqual(edited.content);

  const undoAll = () => {
    for (const one of [...done].reverse()) {
      one.undo();
    }
  };
  undoAll();
  expect(snapshot(model)).toEqual(before.model);
  expect(textOf(model, reader)).toBe(before.text);
  expect(Buffer.compare(savedBytes(model, reader).model, bytes)).toBe(0);
  for (const one of done) {
    one.redo();
  }
  expect(snapshot(model)).toEqual(edited.model);
  expect(Buffer.compare(savedBytes(model, reader).model, saved)).toBe(0);
  undoAll();
  expect(snapshot(model)).toEqual(before.model);
  return done.length;
}

const patches = (most: number) =>
  fc.array(fc.array(draws(fc), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: most });

describe("any edits, taken back, leave nothing", () => {
  test.each([
    ["branches and functions", onnxModel(NESTED)],
    ["unknown fields at every level", injectUnknown(onnxModel(NESTED))],
  ])("a model with %s", (_, bytes) => {
    let applied = 0;
    fc.assert(
      fc.property(patches(12), (sequence) => {
        applied += thereAndBack(bytes, sequence);
      }),
      { numRuns: 80, seed: 7 },
    );
    expect(applied).toBeGreaterThan(120);
  });

  test.each(["bert-torchscript", "gpt2-prefill", "resnet"])("%s", (name) => {
    const { path } = FIXTURES.find((fixture) => fixture.name === name)!;
    const bytes = readFileSync(path);
    let applied = 0;
    fc.assert(
      fc.property(patches(20), (sequence) => {
        applied += thereAndBack(bytes, sequence);
      }),
      { numRuns: 3, seed: 7 },
    );
    expect(applied).toBeGreaterThan(5);
  });
});
