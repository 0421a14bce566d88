import { type Applied, applyPatch } from "../edit/apply";
import type { Edit } from "../edit/types";
import type { Model } from "../model/types";

/** Lets `work` change the model, to see what follows; the model is as it was when this returns or throws. */
export function onTrial<T>(model: Model, work: (make: (edits: readonly Edit[]) => void) => T): T {
  const { nextNodeId } = model;
  const applied: Applied[] = [];
  try {
    return work((edits) => {
      applied.push(applyPatch(model, { label: "", edits }));
    });
  } finally {
    for (const one of applied.reverse()) {
      one.undo();
    }
    // Whoever applies the edits gives the same ids as if nobody had tried.
    model.nextNodeId = nextNodeId;
  }
}
