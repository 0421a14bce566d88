import type { ActionCall } from "../../protocol/actions";
import type { Model, NodeId } from "../model/types";
import { type Applied, applyPatch } from "./apply";
import type { Patch } from "./types";

interface Entry {
  readonly label: string;
  readonly calls: readonly ActionCall[];
  readonly applied: readonly Applied[];
}

/** What happened to a model, step by step, with the place at which it was saved. */
export class History {
  private readonly entries: Entry[] = [];
  private position = 0;
  /** -1 once the saved state can no longer be reached. */
  private saved = 0;

  get canUndo(): boolean {
    return this.position > 0;
  }

  get canRedo(): boolean {
    return this.position < this.entries.length;
  }

  get dirty(): boolean {
    return this.position !== this.saved;
  }

  /** The calls that lead from the opened file to the present state. */
  get calls(): readonly ActionCall[] {
    return this.entries.slice(0, this.position).flatMap(({ calls }) => calls);
  }

  /** The calls since the last save; undefined when the present state lies before it. */
  get callsSinceSave(): readonly ActionCall[] | undefined {
    return this.saved < 0 || this.saved > this.position
      ? undefined
      : this.entries.slice(this.saved, this.position).flatMap(({ calls }) => calls);
  }

  /**
   * Runs `work`, which plans and applies one patch after the other, as one step. When it throws, what it applied is
   * taken back.
   */
  step(
    model: Model,
    label: string,
    calls: readonly ActionCall[],
    work: (apply: (patch: Patch) => void) => void,
  ): readonly NodeId[] {
    const applied: Applied[] = [];
    try {
      work((patch) => applied.push(applyPatch(model, patch)));
    } catch (thrown) {
      for (const one of applied.reverse()) {
        one.undo();
      }
      throw thrown;
    }
    if (this.saved > this.position) {
      this.saved = -1;
    }
    this.entries.length = this.position;
    this.entries.push({ label, calls, applied });
    this.position++;
    return touchedBy(applied);
  }

  undo(): { readonly label: string; readonly touched: readonly NodeId[] } | undefined {
    const entry = this.entries[this.position - 1];
    if (entry === undefined) {
      return undefined;
    }
    for (const one of [...entry.applied].reverse()) {
      one.undo();
    }
    this.position--;
    return { label: entry.label, touched: touchedBy(entry.applied) };
  }

  redo(): { readonly label: string; readonly touched: readonly NodeId[] } | undefined {
    const entry = this.entries[this.position];
    if (entry === undefined) {
      return undefined;
    }
    for (const one of entry.applied) {
      one.redo();
    }
    this.position++;
    return { label: entry.label, touched: touchedBy(entry.applied) };
  }

  markSaved(): void {
    this.saved = this.position;
  }

  /** Nodes that the edits in force made or changed. */
  get editedNodes(): ReadonlySet<NodeId> {
    return new Set(this.entries.slice(0, this.position).flatMap(({ applied }) => touchedBy(applied)));
  }
}

function touchedBy(applied: readonly Applied[]): NodeId[] {
  return [...new Set(applied.flatMap(({ touched }) => touched))];
}
