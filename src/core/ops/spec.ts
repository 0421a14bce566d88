import type { Trust } from "../../protocol/rows";
import type { Expr } from "../expr";
import type { Fact } from "../facts/fact";
import type { Graph, Node, TensorRef } from "../model/types";
import type { DType } from "../tensor/dtype";

/** What an operator may ask while its outputs are inferred or its cost is worked out. */
export interface OpContext {
  readonly node: Node;
  /** Version of the operator set of the node's domain that the model imports. */
  readonly opset: number;
  readonly inputCount: number;
  readonly outputCount: number;
  /** False for an input that is left out. */
  hasInput(index: number): boolean;
  hasOutput(index: number): boolean;
  /** Facts of an input; an empty Fact when it is left out or nothing is known. */
  input(index: number): Fact;
  /** The initializer or Constant behind an input, if that is what it is. */
  tensor(index: number): TensorRef | undefined;
  int(name: string, fallback: number): number;
  /** As int, but undefined when the attribute is absent. */
  maybeInt(name: string): number | undefined;
  float(name: string, fallback: number): number;
  string(name: string, fallback: string): string;
  ints(name: string): readonly number[] | undefined;
  attributeTensor(name: string): TensorRef | undefined;
  graph(name: string): Graph | undefined;
}

export interface InferContext extends OpContext {
  /** States the facts of an output; merged with what the file declares, a contradiction becomes a Problem. */
  output(index: number, fact: Fact): void;
  /** A new symbol for a size that only the data decides (NonZero, Unique); named after the output. */
  fresh(hint: string): Expr;
  problem(message: string): void;
  /** Runs inference over a subgraph with these facts for its formal inputs; answers the facts of its outputs. */
  inferGraph(graph: Graph, inputs: readonly Fact[]): readonly Fact[];
}

export interface CostContext extends OpContext {
  outputFact(index: number): Fact;
  /** Elements of a fact; undefined when its shape is not known. */
  elements(fact: Fact): Expr | undefined;
  bytes(fact: Fact): Expr | undefined;
}

/**
 * The arithmetic of one node. FLOPs = 2·macs + other.
 * Bytes and weights are worked out for every operator alike from the facts of its edges; an operator states them only
 * where it touches less than all (Gather reads the rows it picks) or nothing (Reshape is a view).
 */
export interface OpCost {
  /** Undefined: not known, which makes the node's trust "unknown". */
  readonly macs: Expr | undefined;
  readonly other: Expr | undefined;
  readonly trust: Trust;
  /** In words with the numbers of this node: "1 MAC for each of 64 products summed into each output element". */
  readonly rule: string;
  readonly readBytes?: Expr;
  readonly writeBytes?: Expr;
}

/** How the weights of an operator may be quantised: read by actions, so that N operators and M actions need N+M files. */
export interface QuantSpec {
  /** Input index of the weight. */
  readonly weight: number;
  /** Axis of the weight along which each slice feeds one output channel; undefined when it depends on unknowns. */
  channelAxis(ctx: OpContext): number | undefined;
}

export interface OpExample {
  readonly title: string;
  readonly opset: number;
  readonly inputs: readonly {
    readonly dtype: DType;
    readonly shape: readonly (number | string)[];
    readonly content?: readonly number[];
  }[];
  readonly attributes?: { readonly [name: string]: number | string | readonly number[] };
  /** Symbols' values when the example is run. */
  readonly bindings?: { readonly [dim: string]: number };
  readonly outputs: readonly { readonly dtype: DType; readonly shape: readonly (number | string)[] }[];
  /** Expected amounts at the bindings. */
  readonly macs?: number;
  readonly other?: number;
}

/** Everything about an operator, in one place. */
export interface OpSpec {
  readonly domain: string;
  readonly name: string;
  /** First operator set version that this entry describes. */
  readonly since: number;
  /** Names of the formal inputs, for people; the last one repeats for variadic operators. */
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  infer(ctx: InferContext): void;
  cost(ctx: CostContext): OpCost;
  readonly quant?: QuantSpec;
  readonly examples: readonly OpExample[];
}
