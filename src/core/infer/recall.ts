import { sameFact } from "../facts/merge";
import type { Node, ValueInfo } from "../model/types";
import type { Weights } from "./price";
import type { Binding } from "./scope";
import type { NodeCost } from "./types";

type Inputs = readonly (Binding | undefined)[];

/** What came of a node that depends on nothing but itself, what goes in and what is declared. */
export interface Remembered {
  readonly node: Node;
  readonly opset: number;
  readonly inputs: Inputs;
  readonly declared: readonly (ValueInfo | undefined)[];
  readonly outputs: Inputs;
  readonly cost: NodeCost;
  readonly weights: Weights;
}

/**
 * Results of an inference, for the next one after an edit: nodes whose inputs are what they were are not worked out
 * again, so that only what lies downstream of the edit is.
 */
export class Recall {
  /** By node id, which count from 0. */
  private readonly nodes: (Remembered | undefined)[] = [];

  remember(entry: Remembered): void {
    this.nodes[entry.node.id] = entry;
  }

  /** What is known of the node, when nothing that decides it has changed. */
  find(
    node: Node,
    opset: number,
    inputs: Inputs,
    declared: readonly (ValueInfo | undefined)[],
  ): Remembered | undefined {
    const entry = this.nodes[node.id];
    return entry !== undefined &&
      entry.node === node &&
      entry.opset === opset &&
      entry.inputs.every((input, index) => isSame(input, inputs[index])) &&
      entry.declared.length === declared.length &&
      entry.declared.every((info, index) => info === declared[index])
      ? entry
      : undefined;
  }
}

function isSame(a: Binding | undefined, b: Binding | undefined): boolean {
  if (a === b || a === undefined || b === undefined) {
    return a === b;
  }
  // A tensor is what it is; its elements need not be read again to see that.
  return a.tensor === b.tensor && (a.tensor !== undefined || a.fact === b.fact || sameFact(a.fact, b.fact));
}
