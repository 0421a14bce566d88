import { type Applied, applyPatch } from "../../edit/apply";
import type { Edit } from "../../edit/types";
import { ModelError } from "../../errors";
import type { Inference } from "../../infer/types";
import { declarationsOf, openedInputs, trueAgain, withoutNumbers } from "./declarations";
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
  const { nextNodeId } = model;
  const declared = declarationsOf(model);
  const applied: Applied[] = [];
  const make = (edits: readonly Edit[]) => applied.push(applyPatch(model, { label: "", edits }));
  try {
    const edits = [...openedInputs(task)];
    make([...edits, ...withoutNumbers(task)]);
    const add = (more: readonly Edit[]) => {
      make(more);
      edits.push(...more);
    };
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
    return [...edits, ...trueAgain(declared, after)];
  } finally {
    for (const one of applied.reverse()) {
      one.undo();
    }
    // Whoever applies the edits gives the same ids as if nobody had tried.
    model.nextNodeId = nextNodeId;
  }
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
