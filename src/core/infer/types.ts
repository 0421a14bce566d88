import type { Problem } from "../../protocol/problem";
import type { Trust } from "../../protocol/rows";
import type { Expr } from "../expr";
import type { Fact } from "../facts/fact";
import type { Graph, NodeId } from "../model/types";
import type { AttentionSizes } from "../ops/attentionSizes";
import type { CostPart } from "../ops/spec";

/** Cost of one node with its memory traffic; all amounts symbolic, undefined where unknown. */
export interface NodeCost {
  readonly macs: Expr | undefined;
  readonly other: Expr | undefined;
  /** 2·macs + other. */
  readonly flops: Expr | undefined;
  /** Bytes of all inputs that the node really touches, weights included. */
  readonly readBytes: Expr | undefined;
  readonly writeBytes: Expr | undefined;
  /** Bytes and elements of initializers that the node reads; known without inference. */
  readonly weightBytes: number;
  readonly params: number;
  readonly trust: Trust;
  readonly rule: string;
  /** Of an operator that does the work of several: which amounts belong to which; what no part names is the rest. */
  readonly parts?: readonly CostPart[];
  /** Of an operator that is attention as a whole. */
  readonly attention?: AttentionSizes;
  /** How often the node runs for one run of the model, inside a branch or a body; undefined there where it is not known. The amounts are those of all runs. */
  readonly runs?: Expr | undefined;
  /**
   * The node whose cost contains this one's: the If, Loop, Scan or call that runs the graph this node is in; "none" in
   * a graph that nothing runs. Absent on nodes of the main graph. Totals are sums over the nodes without it, so that
   * nothing counts twice and of two branches only the dearer one counts.
   */
  readonly countedBy?: NodeId | "none";
}

/** What inference found out about a model; a new one is made after each edit. */
export interface Inference {
  /** Facts of a value as seen from a graph (outer scopes included). */
  fact(graph: Graph, value: string): Fact;
  cost(node: NodeId): NodeCost;
  readonly problems: readonly Problem[];
  /** Symbols that occur anywhere, those of graph inputs first, in order of appearance. */
  readonly symbols: readonly string[];
}
