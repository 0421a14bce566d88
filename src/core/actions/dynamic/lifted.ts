import type { Edit } from "../../edit/types";
import { ModelError } from "../../errors";
import type { Inference } from "../../infer/types";
import { onTrial } from "../trial";
import { declarationsOf, openedInputs, trueAgain, withoutNumbers } from "./declarations";
import { namesInUse, withoutLeftOver } from "./leftOver";
import type { Task } from "./opening";
import { fixedPick } from "./picks";
import { countedOn } from "./positions";
import { ShapeWriter } from "./shapes";
import { SizeWriter } from "./sizes";
import { hasSquare, refusal, whyNot } from "./verify";

/**
 * The edits that open a dim. The model itself is changed step by step and inferred anew after each: every round puts
 * right the shapes that the one before uncovered. It is as it was when this returns or throws.
 *
 * @throws ModelError("inconsistent") that names the node at which it cannot be told what follows
 */
export function lifted(task: Task): readonly Edit[] {
  const { model } = task;
  const declared = declarationsOf(model);
  const used = namesInUse(model);
  return onTrial(model, (make) => {
    const edits: Edit[] = [];
    const add = (more: readonly Edit[]) => {
      make(more);
      edits.push(...more);
    };
    add(openedInputs(task));
    make(withoutNumbers(task));
    const sizes = new SizeWriter(task);
    const writer = new ShapeWriter(task, sizes);
    add(countedOn(task, sizes));
    const after = settled(task, writer, add);
    const reason = whyNot(task, after);
    if (reason !== undefined) {
      throw reason;
    }
    const pick = fixedPick(task, after);
    if (pick !== undefined) {
      throw refusal(
        task,
        pick,
        `fixed positions are taken from an axis that ${task.opening.name} is part of`,
      );
    }
    if (writer.mergesAt !== undefined && hasSquare(task, after)) {
      throw refusal(task, writer.mergesAt, "the items become one, and would mix further on");
    }
    const leftOver = withoutLeftOver(model, used);
    const gone = new Set(leftOver.flatMap((edit) => (edit.kind === "setValueInfo" ? [edit.name] : [])));
    const again = trueAgain(declared, after).filter(
      (edit) => edit.kind !== "setValueInfo" || !gone.has(edit.name),
    );
    return [...edits, ...again, ...leftOver];
  });
}

function settled(task: Task, writer: ShapeWriter, make: (edits: readonly Edit[]) => void): Inference {
  // Each round writes at least one node's shape, and each is written once.
  for (let round = 0; round <= task.model.nextNodeId; round++) {
    const after = task.infer();
    const edits = writer.round(after);
    if (edits.length === 0) {
      return after;
    }
    make(edits);
  }
  throw new ModelError("inconsistent", "The shapes that the model holds contradict each other.");
}
