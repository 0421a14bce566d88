import { sameFact } from "../facts/merge";
import type { FunctionDef, Node } from "../model/types";
import type { Body } from "./body";
import type { Binding } from "./scope";

type Bindings = readonly (Binding | undefined)[];

interface Entry {
  readonly inputs: Bindings;
  readonly body: Body;
}

/** More calls of one function with different facts than this are inferred each by itself. */
const MAX_ENTRIES = 8;

/**
 * What functions made of the facts that they were called with. Functions that call functions would otherwise be run
 * exponentially often; only calls without attributes are remembered, and none whose sizes the data decides, since these
 * have a name of their own in each call.
 */
export class BodyCache {
  readonly #entries = new Map<FunctionDef, Entry[]>();

  find(def: FunctionDef, node: Node, inputs: Bindings): Body | undefined {
    return node.attributes.size > 0
      ? undefined
      : this.#entries.get(def)?.find((entry) => sameCall(entry.inputs, inputs))?.body;
  }

  remember(def: FunctionDef, node: Node, inputs: Bindings, body: Body): void {
    const entries = this.#entries.get(def) ?? [];
    this.#entries.set(def, entries);
    if (node.attributes.size === 0 && entries.length < MAX_ENTRIES) {
      entries.push({ inputs, body });
    }
  }
}

function sameCall(a: Bindings, b: Bindings): boolean {
  return (
    a.length === b.length &&
    a.every((binding, i) => {
      const other = b[i];
      return (
        binding === other ||
        (binding !== undefined &&
          other !== undefined &&
          binding.tensor === other.tensor &&
          sameFact(binding.fact, other.fact))
      );
    })
  );
}
