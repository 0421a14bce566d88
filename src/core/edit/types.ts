import type { Attribute, NodeId, TensorRef, ValueInfo } from "../model/types";

export interface NewNode {
  readonly name: string;
  readonly domain: string;
  readonly opType: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** The verbs. Each has an exact inverse, so that undo is a patch like any other. `graph` is a graph path. */
export type Edit =
  | {
      readonly kind: "addNode";
      readonly graph: string;
      readonly node: NewNode;
      /** The new node goes in front of this one; undefined: at the end. */
      readonly before: NodeId | undefined;
    }
  | { readonly kind: "removeNode"; readonly graph: string; readonly node: NodeId }
  | {
      readonly kind: "setInput";
      readonly graph: string;
      readonly node: NodeId;
      readonly index: number;
      readonly value: string;
    }
  | {
      readonly kind: "setOutput";
      readonly graph: string;
      readonly node: NodeId;
      readonly index: number;
      readonly value: string;
    }
  | {
      readonly kind: "setAttribute";
      readonly graph: string;
      readonly node: NodeId;
      readonly name: string;
      /** Undefined removes it. */
      readonly value: Attribute | undefined;
    }
  | { readonly kind: "putTensor"; readonly graph: string; readonly tensor: TensorRef }
  | { readonly kind: "dropTensor"; readonly graph: string; readonly name: string }
  /** New lists of graph inputs or outputs; a graph inside a node keeps their number, and a function has neither. */
  | {
      readonly kind: "setInterface";
      readonly graph: string;
      readonly inputs?: readonly ValueInfo[];
      readonly outputs?: readonly ValueInfo[];
    }
  /** What the file declares of a value in between; undefined: nothing any more. */
  | {
      readonly kind: "setValueInfo";
      readonly graph: string;
      readonly name: string;
      readonly info: ValueInfo | undefined;
    }
  | { readonly kind: "setOpset"; readonly domain: string; readonly version: number };

/** Edits that belong together. */
export interface Patch {
  /** For menus: "Quantise weights of encoder.layer.0.query". */
  readonly label: string;
  readonly edits: readonly Edit[];
}
