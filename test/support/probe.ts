import { allGraphs } from "../../src/core/edit/graphs";
import { ModelError } from "../../src/core/errors";
import { infer } from "../../src/core/infer/infer";
import { readModel } from "../../src/core/model/reader";
import { planSave } from "../../src/core/model/writer";
import { textView } from "../../src/core/text/view";
import type { ErrorCode, Problem } from "../../src/protocol/problem";
import { memoryReader, memorySource } from "./sources";

export type Outcome =
  | { readonly kind: "refused"; readonly error: ModelError; readonly code: ErrorCode }
  | { readonly kind: "read"; readonly problems: readonly Problem[] };

/**
 * Takes bytes through all of the core: reading, inference, text, the plan of a save, and every small tensor. Only
 * reading may refuse, and only with a ModelError that says where; everything after it has to cope with what was read.
 */
export function probe(bytes: Uint8Array): Outcome {
  const source = memorySource(bytes);
  const reader = memoryReader(source);
  let model: ReturnType<typeof readModel>;
  try {
    model = readModel(source);
  } catch (thrown) {
    if (thrown instanceof ModelError && thrown.code !== "internal" && thrown.message.length < 1000) {
      return { kind: "refused", error: thrown, code: thrown.code };
    }
    throw thrown;
  }
  const inference = infer(model, { readSmall: (tensor) => reader.small(tensor, 256) });
  textView(model, inference, (node) => node.name);
  const { segments, byteLength } = planSave(model);
  const whole = segments.length === 1 && segments[0]!.kind === "copy";
  if (byteLength !== bytes.length || !whole) {
    throw new Error(`A save without edits would write ${byteLength} bytes of ${bytes.length}.`);
  }
  for (const graph of allGraphs(model)) {
    for (const tensor of graph.initializers.values()) {
      reader.small(tensor, 4096);
    }
    for (const node of graph.nodes) {
      inference.cost(node.id);
      for (const output of node.outputs) {
        inference.fact(graph, output);
      }
      for (const [key] of node.metadata) {
        node.metadata.get(key);
      }
    }
  }
  return { kind: "read", problems: [...model.problems, ...inference.problems] };
}
