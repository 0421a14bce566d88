import type { Model, NodeId } from "../model/types";
import { checkReads } from "./checkReads";
import { graphAt } from "./graphs";
import type { Edit, Patch } from "./types";
import { setInterface, setOpset, setValueInfo } from "./verbs/declarations";
import { addNode, removeNode, setAttribute, setInput, setOutput } from "./verbs/nodes";
import type { Step } from "./verbs/step";
import { dropTensor, putTensor } from "./verbs/tensors";

export interface Applied {
  readonly undo: () => void;
  /** Applies the same patch again, with the same node ids and objects. */
  readonly redo: () => void;
  readonly touched: readonly NodeId[];
}

/**
 * Applies a patch to the model in place, all of it or nothing.
 *
 * @throws ModelError("inconsistent") when an edit names what is not there, makes a name twice, reads what nothing
 * makes or drops what is still read; the model is then as it was
 */
export function applyPatch(model: Model, patch: Patch): Applied {
  const touched: NodeId[] = [];
  const done: Step[] = [];
  const reads = checkReads(model, patch);
  try {
    for (const edit of patch.edits) {
      const step = prepare(model, edit, touched);
      step.forward();
      done.push(step);
    }
    reads.check();
  } catch (thrown) {
    back(done);
    throw thrown;
  }
  return {
    undo: () => back(done),
    redo: () => {
      for (const step of done) {
        step.forward();
      }
    },
    touched,
  };
}

function back(steps: readonly Step[]): void {
  for (const step of [...steps].reverse()) {
    step.backward();
  }
}

function prepare(model: Model, edit: Edit, touched: NodeId[]): Step {
  if (edit.kind === "setOpset") {
    return setOpset(model, edit);
  }
  const graph = graphAt(model, edit.graph);
  switch (edit.kind) {
    case "addNode":
      return addNode(model, graph, edit, touched);
    case "removeNode":
      return removeNode(graph, edit, touched);
    case "setInput":
      return setInput(graph, edit, touched);
    case "setOutput":
      return setOutput(graph, edit, touched);
    case "setAttribute":
      return setAttribute(graph, edit, touched);
    case "putTensor":
      return putTensor(model, graph, edit);
    case "dropTensor":
      return dropTensor(graph, edit);
    case "setInterface":
      return setInterface(model, graph, edit);
    case "setValueInfo":
      return setValueInfo(graph, edit);
  }
}
