import { type Expr, symbol } from "../expr";
import { type Fact, UNKNOWN } from "../facts/fact";
import { bytes, elements } from "../facts/size";
import type { Attribute, Graph, Node, TensorRef } from "../model/types";
import type { CostContext, GraphCost, GraphRuns, InferContext } from "../ops/spec";
import type { Body } from "./body";
import { nodeLabel } from "./problems";
import type { Binding, Scope } from "./scope";

/** Attributes of the call through which a function body is read; bodies refer to them by name. */
export interface CallAttributes {
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly outer: CallAttributes | undefined;
}

/** What a context needs from the run it belongs to. */
export interface Host {
  readonly scope: Scope;
  readonly call: CallAttributes | undefined;
  /** Prefix of symbols that this run makes, so that two calls of a function do not share one. */
  readonly prefix: string;
  addSymbol(name: string): void;
  /** True for a formal input of a function that the call leaves out. */
  isAbsent(name: string): boolean;
  factOf(tensor: TensorRef): Fact;
  nodeProblem(node: Node, message: string): void;
  inferSubgraph(node: Node, graph: Graph, inputs: readonly Fact[], runs?: GraphRuns): Body;
}

const NONE: readonly (Binding | undefined)[] = [];
const NO_BODIES: ReadonlyMap<Graph, Body> = new Map();

const TYPE_WORDS: { readonly [type in Attribute["type"]]: string } = {
  int: "an integer",
  ints: "a list of integers",
  float: "a float",
  floats: "a list of floats",
  string: "a string",
  strings: "a list of strings",
  tensor: "a tensor",
  tensors: "a list of tensors",
  graph: "a graph",
  graphs: "a list of graphs",
  other: "of a type that is not read",
};

const words = (type: Attribute["type"]): string => TYPE_WORDS[type];

/** Some writers leave the type of an empty list to chance. */
const isEmptyList = (attribute: Attribute): boolean =>
  "value" in attribute && Array.isArray(attribute.value) && attribute.value.length === 0;

/** One node as its operator sees it. Made once for each run of a graph and pointed at one node after the other. */
export class NodeContext implements InferContext, CostContext {
  readonly #host: Host;
  #node: Node | undefined;
  #opset = 0;
  #inputs: readonly (Binding | undefined)[] = [];
  #stated: (Fact | undefined)[] = [];
  #final: readonly (Binding | undefined)[] = [];
  #bodies: Map<Graph, Body> | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Points the context at a node. */
  enter(node: Node, opset: number, inputs: readonly (Binding | undefined)[]): void {
    this.#node = node;
    this.#opset = opset;
    this.#inputs = inputs;
    this.#stated = [];
    this.#final = NONE;
    this.#bodies = undefined;
  }

  /** The last run of each graph that the operator ran. */
  get bodies(): ReadonlyMap<Graph, Body> {
    return this.#bodies ?? NO_BODIES;
  }

  /** What the operator stated of its outputs, by index. */
  get stated(): readonly (Fact | undefined)[] {
    return this.#stated;
  }

  /** Fixes the facts of the outputs before the cost is asked. */
  settle(outputs: readonly (Binding | undefined)[]): void {
    this.#final = outputs;
  }

  get node(): Node {
    return this.#node as Node;
  }

  get opset(): number {
    return this.#opset;
  }

  get inputCount(): number {
    return this.node.inputs.length;
  }

  get outputCount(): number {
    return this.node.outputs.length;
  }

  hasInput(index: number): boolean {
    const name = this.node.inputs[index] ?? "";
    return name !== "" && !this.#host.isAbsent(name);
  }

  hasOutput(index: number): boolean {
    return (this.node.outputs[index] ?? "") !== "";
  }

  input(index: number): Fact {
    return this.#inputs[index]?.fact ?? UNKNOWN;
  }

  tensor(index: number): TensorRef | undefined {
    return this.#inputs[index]?.tensor;
  }

  int(name: string, fallback: number): number {
    return this.maybeInt(name) ?? fallback;
  }

  maybeInt(name: string): number | undefined {
    return this.#typed(name, "int")?.value;
  }

  float(name: string, fallback: number): number {
    const attribute = this.#attribute(name);
    return attribute?.type === "int" ? attribute.value : (this.#typed(name, "float")?.value ?? fallback);
  }

  string(name: string, fallback: string): string {
    return this.#typed(name, "string")?.value ?? fallback;
  }

  ints(name: string): readonly number[] | undefined {
    return this.#typed(name, "ints")?.value;
  }

  floats(name: string): readonly number[] | undefined {
    return this.#typed(name, "floats")?.value;
  }

  strings(name: string): readonly string[] | undefined {
    return this.#typed(name, "strings")?.value;
  }

  attributeTensor(name: string): TensorRef | undefined {
    return this.#typed(name, "tensor")?.value;
  }

  factOf(tensor: TensorRef): Fact {
    return this.#host.factOf(tensor);
  }

  graph(name: string): Graph | undefined {
    return this.#typed(name, "graph")?.value;
  }

  output(index: number, fact: Fact): void {
    this.#stated[index] = fact;
  }

  fresh(hint: string): Expr {
    const output = this.node.outputs.find((name) => name !== "") ?? nodeLabel(this.node);
    const name = `${this.#host.prefix}${output}.${hint}`;
    this.#host.addSymbol(name);
    return symbol(name);
  }

  problem(message: string): void {
    this.#host.nodeProblem(this.node, message);
  }

  inferGraph(graph: Graph, inputs: readonly Fact[], runs?: GraphRuns): readonly Fact[] {
    const body = this.#host.inferSubgraph(this.node, graph, inputs, runs);
    this.#bodies ??= new Map();
    this.#bodies.set(graph, body);
    return body.outputs;
  }

  outputFact(index: number): Fact {
    return this.#final[index]?.fact ?? UNKNOWN;
  }

  elements(fact: Fact): Expr | undefined {
    return elements(fact);
  }

  bytes(fact: Fact): Expr | undefined {
    return bytes(fact);
  }

  graphCost(graph: Graph): GraphCost | undefined {
    return this.#bodies?.get(graph)?.cost;
  }

  /** The attribute of that type; one of another type is reported and as good as absent. */
  #typed<T extends Attribute["type"]>(
    name: string,
    type: T,
  ): Extract<Attribute, { readonly type: T }> | undefined {
    const attribute = this.#attribute(name);
    if (attribute === undefined || attribute.type === type) {
      return attribute as Extract<Attribute, { readonly type: T }> | undefined;
    }
    if (!isEmptyList(attribute)) {
      this.problem(`attribute ${name} is ${words(attribute.type)} where ${words(type)} is expected`);
    }
    return undefined;
  }

  /** Follows references of function bodies to the attributes of their calls. */
  #attribute(name: string): Attribute | undefined {
    let attribute = this.node.attributes.get(name);
    let call = this.#host.call;
    while (attribute?.type === "other" && attribute.refAttrName !== undefined) {
      attribute = call?.attributes.get(attribute.refAttrName);
      call = call?.outer;
    }
    return attribute;
  }
}
