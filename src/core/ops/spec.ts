import type { Trust } from "../../protocol/rows";
import type { Expr } from "../expr";
import type { Dim, Fact } from "../facts/fact";
import type { Graph, Node, TensorRef } from "../model/types";
import type { DType } from "../tensor/dtype";
import type { AttentionSizes } from "./attentionSizes";

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
  floats(name: string): readonly number[] | undefined;
  strings(name: string): readonly string[] | undefined;
  graph(name: string): Graph | undefined;
  /** Facts of a tensor that an attribute holds; its elements are in `small` when they are few. */
  factOf(tensor: TensorRef): Fact;
}

export interface InferContext extends OpContext {
  /** States the facts of an output; merged with what the file declares, a contradiction becomes a Problem. */
  output(index: number, fact: Fact): void;
  /** A new symbol for a size that only the data decides (NonZero, Unique); named after the output. */
  fresh(hint: string): Expr;
  problem(message: string): void;
  /**
   * Runs inference over a subgraph with these facts for its formal inputs; answers the facts of its outputs. The costs
   * shown on its nodes are those of one run times `runs.count` (once, exactly, when left out).
   */
  inferGraph(graph: Graph, inputs: readonly Fact[], runs?: GraphRuns): readonly Fact[];
}

/** How often a subgraph runs for one run of the node that holds it. */
export interface GraphRuns {
  /** Undefined: not known; costs are then those of one run, as an estimate. */
  readonly count: Dim;
  /** False when `count` is an upper bound or an assumption: the costs become estimates. */
  readonly exact: boolean;
  /** For the rules of the nodes inside: "times 12 iterations of the loop". */
  readonly rule: string;
}

export interface CostContext extends OpContext {
  outputFact(index: number): Fact;
  /** Elements of a fact; undefined when its shape is not known. */
  elements(fact: Fact): Expr | undefined;
  bytes(fact: Fact): Expr | undefined;
  /** Price of one run of a subgraph that `infer` ran; undefined for another. */
  graphCost(graph: Graph): GraphCost | undefined;
}

/** The sums over the nodes of a branch, a body or a function, for one run of it. */
export interface GraphCost {
  readonly macs: Expr | undefined;
  readonly other: Expr | undefined;
  readonly readBytes: Expr | undefined;
  readonly writeBytes: Expr | undefined;
  /** The worst trust of the nodes. */
  readonly trust: Trust;
  readonly nodes: number;
  /** What `infer` said of how often the graph runs. */
  readonly runs?: GraphRuns;
}

/**
 * The arithmetic of one node. FLOPs = 2·macs + other.
 * Bytes and weights are worked out for every operator alike from the facts of its edges; an operator states them only
 * where it touches less than all (Gather reads the rows it picks) or nothing (Reshape is a view); undefined, when
 * stated, is "not known".
 */
export interface OpCost {
  /** Undefined: not known, which makes the node's trust "unknown". */
  readonly macs: Expr | undefined;
  readonly other: Expr | undefined;
  readonly trust: Trust;
  /** In words with the numbers of this node: "1 MAC for each of 64 products summed into each output element". */
  readonly rule: string;
  readonly readBytes?: Expr | undefined;
  readonly writeBytes?: Expr | undefined;
  /** For an operator that does the work of several: which amounts belong to which. What no part names is the rest. */
  readonly parts?: readonly CostPart[];
  /** Of an operator that is attention as a whole. */
  readonly attention?: AttentionSizes;
}

export interface CostPart {
  readonly part: "projections" | "scores" | "softmax" | "weightedSum";
  readonly macs: Expr;
  readonly other: Expr;
}

/** How the weights of an operator may be quantised: read by actions, so that N operators and M actions need N+M files. */
export interface QuantSpec {
  /** Input index of the weight. */
  readonly weight: number;
  /** Axis of the weight along which each slice feeds one output channel; undefined when it depends on unknowns. */
  channelAxis(ctx: OpContext): number | undefined;
}

export interface AxesSpec {
  /** Input that names the axes in newer operator sets. */
  readonly input?: number;
  /** Rank that the axes are counted in. */
  rank?(ctx: OpContext): number | undefined;
}

/** Inputs whose buffer the first output may keep. */
export interface BufferReuse {
  /** A view always keeps it; in place only where nobody reads the input later and both have the same size. */
  readonly as: "view" | "in place";
  /** Input indices, the preferred one first. */
  readonly inputs: readonly number[];
}

export interface ExampleInput {
  readonly dtype: DType;
  readonly shape: readonly (number | string)[];
  /** Given: the input is an initializer with these elements. Otherwise it is fed, with small integers or fractions. */
  readonly content?: readonly number[];
  /** Elements that a fed input must have (indices, lengths, total sizes) while inference may not see them. */
  readonly feed?: readonly number[];
}

export interface ExampleOutput {
  readonly dtype: DType;
  /** Undefined stands for a dim that inference rightly leaves open. */
  readonly shape: readonly (number | string | undefined)[];
}

/** A number is an int, or a float when it has a fraction; `float` and `floats` are for floats that happen to be whole. */
export type ExampleAttribute =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | {
      readonly tensor: {
        readonly dtype: DType;
        readonly dims: readonly number[];
        readonly content: readonly number[];
      };
    };

export interface OpExample {
  readonly title: string;
  readonly opset: number;
  /** Null stands for an optional input that is left out. */
  readonly inputs: readonly (ExampleInput | null)[];
  readonly attributes?: { readonly [name: string]: ExampleAttribute };
  /** Symbols' values when the example is run. */
  readonly bindings?: { readonly [dim: string]: number };
  /** Null stands for an optional output that is left out. */
  readonly outputs: readonly (ExampleOutput | null)[];
  /** Expected amounts at the bindings. */
  readonly macs?: number;
  readonly other?: number;
  /** Part of the message with which onnxruntime refuses this example on the CPU; a test asserts that it still does. */
  readonly noKernel?: string;
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
  /**
   * Where a node names axes of its data, for checking that they exist: "none", or what differs from the rule that the
   * attributes axis and axes name axes of input 0.
   */
  readonly axes?: "none" | AxesSpec;
  readonly quant?: QuantSpec;
  /** How onnxruntime's CPU kernel saves the first output's memory. */
  readonly reuses?: BufferReuse;
  /** Weights that an initializer stands for when it packs several into one element (MatMulNBits: N·K); else undefined. */
  weightElements?(ctx: OpContext, input: number): number | undefined;
  /** Attributes that keep what was learned in training where others have inputs: lists of numbers, and tensors. */
  readonly held?: readonly string[];
  readonly examples: readonly OpExample[];
}
