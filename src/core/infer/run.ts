import { mul } from "../expr";
import { type Dim, type Fact, UNKNOWN } from "../facts/fact";
import { merge } from "../facts/merge";
import { orderOf } from "../model/order";
import { subgraphsOf } from "../model/subgraphs";
import type { FunctionDef, Graph, Node, NodeId, TensorRef, ValueInfo } from "../model/types";
import { tensorFact } from "../ops/dims";
import { canonicalDomain, operator } from "../ops/index";
import type { GraphRuns, OpSpec } from "../ops/spec";
import { type Body, sumOf } from "./body";
import { checkNode } from "./checks";
import { type CallAttributes, type Host, NodeContext } from "./context";
import { declaredFact, symbolsOfFact } from "./declared";
import {
  allWeights,
  heldWeights,
  priceOf,
  repeated,
  unknownPrice,
  unpriced,
  type Weights,
  weightsOf,
} from "./price";
import { nodeLabel, whereIs } from "./problems";
import type { Remembered } from "./recall";
import { type Binding, Scope } from "./scope";
import type { Session } from "./session";
import type { NodeCost } from "./types";

const NOT_PRICED = { cost: unpriced("costs were not asked for"), weights: new Map<TensorRef, number>() };

const NOTHING_DECLARED: readonly (ValueInfo | undefined)[] = [];

/** Where a run stands among calls, loops and branches. */
interface Frame {
  readonly opsets: ReadonlyMap<string, number>;
  readonly call: CallAttributes | undefined;
  /** Labels of the calls around, "" in the model's own graphs. */
  readonly path: string;
  readonly functions: readonly FunctionDef[];
  readonly runs: GraphRuns | undefined;
  /** The node that runs this graph; undefined for the main graph. */
  readonly owner: NodeId | undefined;
}

/** One pass over one graph: the main graph, a branch or body as one node runs it, or a function as one call runs it. */
export class Run implements Host {
  readonly scope: Scope;
  /** Prices of the nodes of this graph for one run of it, in order. */
  readonly #costs: NodeCost[] = [];
  /** Initializers that the nodes read; collected for the owner only. */
  readonly #weights = new Map<TensorRef, number>();
  readonly #session: Session;
  readonly #graph: Graph;
  readonly #frame: Frame;
  readonly #context: NodeContext;
  readonly #outputs = new Map<string, ValueInfo>();
  /** Formal inputs of a function that the call leaves out. */
  readonly #absent = new Set<string>();
  /** Whether this run's facts and costs are the ones that people see. */
  readonly #shown: boolean;
  /** Only in the model's own graph: elsewhere results depend on who runs the graph. */
  readonly #remembers: boolean;

  constructor(session: Session, graph: Graph, parent: Scope | undefined, frame?: Frame) {
    this.#session = session;
    this.#graph = graph;
    this.#frame = frame ?? {
      opsets: session.model.opsets,
      call: undefined,
      path: "",
      functions: [],
      runs: undefined,
      owner: undefined,
    };
    this.scope = new Scope(graph, parent);
    this.#context = new NodeContext(this);
    for (const output of graph.outputs) {
      this.#outputs.set(output.name, output);
    }
    const { owner, call, functions } = this.#frame;
    this.#remembers = owner === undefined && call === undefined && functions.length === 0 && session.keeps;
    this.#shown = (session.scopes.get(graph)?.path ?? this.#frame.path) === this.#frame.path;
    if (this.#shown) {
      session.scopes.set(graph, { scope: this.scope, path: this.#frame.path });
    }
  }

  /** The model's own graph: what it is fed is what the file declares. */
  main(): void {
    for (const info of this.#graph.inputs) {
      const fact = this.#session.input(info);
      this.#noteSymbols(fact);
      this.scope.bind(info.name, fact);
    }
    this.#nodes();
  }

  get call(): CallAttributes | undefined {
    return this.#frame.call;
  }

  get prefix(): string {
    return this.#frame.path;
  }

  addSymbol(name: string): void {
    this.#session.remarks++;
    this.#session.dataDecided++;
    this.#session.symbols.add(name);
  }

  isAbsent(name: string): boolean {
    return this.#absent.size > 0 && this.#absent.has(name);
  }

  factOf(tensor: TensorRef): Fact {
    return this.#session.constant(tensor);
  }

  nodeProblem(node: Node, message: string): void {
    this.#session.remarks++;
    if (this.#neverRuns()) {
      return;
    }
    this.#session.problems.report(
      "warning",
      "inconsistent",
      `${node.opType}: ${message}`,
      whereIs(this.#graph, node),
    );
  }

  inferSubgraph(node: Node, graph: Graph, inputs: readonly Fact[], runs?: GraphRuns): Body {
    const run = new Run(this.#session, graph, this.scope, {
      ...this.#frame,
      runs: runs === undefined ? this.#frame.runs : combine(this.#frame.runs, runs),
      owner: node.id,
    });
    graph.inputs.forEach((info, i) => {
      const fact = merge(inputs[i] ?? UNKNOWN, declaredFact(info), () => undefined);
      run.#noteSymbols(fact);
      run.scope.bind(info.name, fact);
    });
    this.#session.deeper(graph, () => run.#nodes());
    return run.#body(
      graph.outputs.map((output) => output.name),
      runs,
    );
  }

  #body(outputs: readonly string[], runs?: GraphRuns): Body {
    return {
      outputs: outputs.map((name) => this.scope.lookup(name)?.fact ?? UNKNOWN),
      cost: { ...sumOf(this.#costs), ...(runs === undefined ? {} : { runs }) },
      weights: this.#weights,
    };
  }

  #nodes(): void {
    for (const [name, tensor] of this.#graph.initializers) {
      this.scope.bind(name, this.#session.constant(tensor), tensor);
    }
    const order = orderOf(this.#graph);
    for (const node of order.nodes) {
      if (this.#session.visit()) {
        this.#step(node);
      } else {
        this.#record(node, unknownPrice(node, [], [], new Map(), "inference stopped before this node"));
      }
    }
  }

  #step(node: Node): void {
    const inputs = node.inputs.map((name) => (name === "" ? undefined : this.scope.lookup(name)));
    const def = this.#session.functionOf(node);
    if (def !== undefined) {
      this.#callFunction(node, def, inputs);
      return;
    }
    const opset = this.#opsetOf(node.domain);
    const declared = this.#remembers ? this.#declaredOf(node) : NOTHING_DECLARED;
    const known = this.#remembers ? this.#session.before?.find(node, opset, inputs, declared) : undefined;
    if (known !== undefined) {
      this.#recall(known);
      return;
    }
    const remarks = this.#session.remarks;
    const spec = operator(node.domain, node.opType, opset);
    const context = this.#context;
    context.enter(node, opset, inputs);
    if (spec === undefined) {
      this.#session.remarks++;
      this.#session.unknownOp(this.#graph, node);
    } else {
      try {
        checkNode(context, spec);
        spec.infer(context);
      } catch (thrown) {
        this.#ruleFailed(node, thrown);
      }
    }
    const outputs = this.#bindOutputs(node, context.stated);
    context.settle(outputs);
    const { cost, weights } = this.#settle(node, spec, inputs, outputs, context.bodies);
    if (this.#remembers && remarks === this.#session.remarks && subgraphsOf(node).length === 0) {
      this.#session.now.remember({ node, opset, inputs, declared, outputs, cost, weights });
    }
  }

  /** Gives a node the results that it had in the inference before. */
  #recall(known: Remembered): void {
    const { node, outputs, declared, cost, weights } = known;
    node.outputs.forEach((name, i) => {
      const binding = outputs[i];
      if (binding !== undefined) {
        this.scope.adopt(name, binding);
        this.#session.aliases.learn(binding.fact, this.#session.aliases.resolve(declaredFact(declared[i])));
      }
    });
    this.#session.now.remember(known);
    this.#record(node, cost, weights);
  }

  /** What the file declares of a node's outputs; the same empty list for all of which it declares nothing. */
  #declaredOf(node: Node): readonly (ValueInfo | undefined)[] {
    for (const name of node.outputs) {
      if (this.#infoOf(name) !== undefined) {
        return node.outputs.map((output) => this.#infoOf(output));
      }
    }
    return NOTHING_DECLARED;
  }

  #infoOf(name: string): ValueInfo | undefined {
    return this.#graph.valueInfo.get(name) ?? this.#outputs.get(name);
  }

  /** Prices the node. */
  #settle(
    node: Node,
    spec: OpSpec | undefined,
    inputs: readonly (Binding | undefined)[],
    outputs: readonly (Binding | undefined)[],
    bodies: ReadonlyMap<unknown, Body>,
  ): { readonly cost: NodeCost; readonly weights: Weights } {
    if (!this.#session.prices) {
      return NOT_PRICED;
    }
    let weights = weightsOf(undefined, undefined, inputs);
    const held = heldWeights(spec, node);
    if (held.size > 0 || bodies.size > 0) {
      weights = allWeights(weights, innerWeights(held, bodies.values()));
    }
    let cost: NodeCost;
    try {
      if (spec?.weightElements !== undefined) {
        weights = weightsOf(spec, this.#context, inputs);
      }
      cost = priceOf(spec, this.#context, inputs, outputs, weights);
    } catch (thrown) {
      this.#ruleFailed(node, thrown);
      const rule = "the rule of this operator failed on this node";
      cost = unknownPrice(node, inputs, outputs, weights, rule);
    }
    this.#record(node, cost, weights);
    return { cost, weights };
  }

  /** Merges what was inferred with what the file declares, and gives the outputs their meaning. */
  #bindOutputs(node: Node, inferred: readonly (Fact | undefined)[]): readonly (Binding | undefined)[] {
    const tensor = constantOf(node);
    const bindings: (Binding | undefined)[] = [];
    for (let i = 0; i < node.outputs.length; i++) {
      const name = node.outputs[i] as string;
      const fact = this.#possible(node, inferred[i] ?? UNKNOWN);
      bindings.push(
        name === "" ? undefined : this.scope.bind(name, this.#declared(node, name, fact), tensor),
      );
    }
    return bindings;
  }

  /** The fact without sizes that no tensor can have; each is reported. */
  #possible(node: Node, fact: Fact): Fact {
    const { shape } = fact;
    if (shape === undefined || shape.every(isPossible)) {
      return fact;
    }
    const axis = shape.findIndex((dim) => !isPossible(dim));
    this.nodeProblem(node, `dim ${axis} of an output would be ${shape[axis]}`);
    return tensorFact(
      fact.dtype,
      shape.map((dim) => (isPossible(dim) ? dim : undefined)),
    );
  }

  /** The fact with what the file declares of the value. Function bodies declare sizes for one call only. */
  #declared(node: Node, name: string, fact: Fact): Fact {
    const info = this.#infoOf(name);
    if (info === undefined || this.#frame.functions.length > 0) {
      return fact;
    }
    const declared = this.#session.aliases.resolve(declaredFact(info));
    this.#session.aliases.learn(fact, declared);
    const merged = merge(fact, declared, (what) => this.#conflict(node, name, what));
    if (merged !== fact) {
      this.#session.remarks++;
      this.#noteSymbols(merged);
    }
    return merged;
  }

  #conflict(node: Node, name: string, what: string): void {
    this.#session.remarks++;
    if (this.#neverRuns()) {
      return;
    }
    this.#session.problems.report(
      "warning",
      "inconsistent",
      `the declaration of ${name} does not fit: ${what}`,
      { ...whereIs(this.#graph, node), tensor: name },
      "The figures follow the operator; the file's declaration is stale or wrong.",
    );
  }

  /** What does not fit in a branch that is never taken does no harm. */
  #neverRuns(): boolean {
    return this.#frame.runs?.count === 0;
  }

  #callFunction(node: Node, def: FunctionDef, inputs: readonly (Binding | undefined)[]): void {
    const label = def.domain === "" ? def.name : `${def.domain}::${def.name}`;
    if (this.#frame.functions.includes(def)) {
      this.nodeProblem(node, `function ${label} calls itself`);
      const outputs = this.#bindOutputs(node, []);
      const weights = weightsOf(undefined, undefined, inputs);
      this.#record(node, unknownPrice(node, inputs, outputs, weights, "the function calls itself"), weights);
      return;
    }
    const body = this.#bodyOf(node, def, inputs);
    const outputs = this.#bindOutputs(node, body.outputs);
    const rule = `the sum of the ${body.cost.nodes} nodes of function ${label}`;
    const asSpec = { domain: def.domain, name: def.name, since: 1, examples: [], infer: () => undefined };
    this.#context.enter(node, 0, inputs);
    this.#settle(
      node,
      { ...asSpec, cost: () => ({ ...body.cost, rule }) },
      inputs,
      outputs,
      new Map([[def, body]]),
    );
  }

  /** What a call makes of its function: inferred, unless the same facts went into it before. */
  #bodyOf(node: Node, def: FunctionDef, inputs: readonly (Binding | undefined)[]): Body {
    const session = this.#session;
    const isWhole = inputs.every((binding, i) => binding !== undefined || node.inputs[i] === "");
    const known = isWhole ? session.bodies.find(def, node, inputs) : undefined;
    if (known !== undefined) {
      return known;
    }
    const named = session.dataDecided;
    const body = this.#runFunction(node, def, inputs);
    if (isWhole && named === session.dataDecided) {
      session.bodies.remember(def, node, inputs, body);
    }
    return body;
  }

  #runFunction(node: Node, def: FunctionDef, inputs: readonly (Binding | undefined)[]): Body {
    const run = new Run(this.#session, def.graph, undefined, {
      opsets: def.opsets,
      call: { attributes: node.attributes, outer: this.#frame.call },
      path: `${this.#frame.path}${nodeLabel(node)}/`,
      functions: [...this.#frame.functions, def],
      runs: undefined,
      owner: node.id,
    });
    def.inputs.forEach((name, i) => {
      const given = inputs[i];
      if (given !== undefined) {
        run.scope.bind(name, given.fact, given.tensor);
      } else if ((node.inputs[i] ?? "") === "" || this.isAbsent(node.inputs[i] ?? "")) {
        run.#absent.add(name);
      } else {
        run.scope.bind(name, UNKNOWN);
      }
    });
    this.#session.deeper(def.graph, () => run.#nodes());
    return run.#body(def.outputs);
  }

  #record(node: Node, cost: NodeCost, weights?: Weights): void {
    const { runs, owner } = this.#frame;
    if (owner !== undefined) {
      this.#costs.push(cost);
      for (const [tensor, parameters] of weights ?? []) {
        this.#weights.set(tensor, parameters);
      }
    }
    if (this.#shown) {
      const shown = runs === undefined ? cost : repeated(cost, runs);
      this.#session.costs[node.id] = owner === undefined ? shown : { ...shown, countedBy: owner };
    }
  }

  #opsetOf(domain: string): number {
    const { opsets } = this.#frame;
    const canonical = canonicalDomain(domain);
    return (
      opsets.get(canonical) ??
      (canonical === "" ? opsets.get("ai.onnx") : undefined) ??
      (canonical === "" ? 24 : 1)
    );
  }

  #noteSymbols(fact: Fact): void {
    for (const name of symbolsOfFact(fact)) {
      this.#session.symbols.add(name);
    }
  }

  /** An operator's rule that throws costs that node its figures and nothing else. */
  #ruleFailed(node: Node, thrown: unknown): void {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    this.#session.problems.report(
      "warning",
      "internal",
      `the rule of ${node.opType} failed: ${message}`,
      whereIs(this.#graph, node),
    );
  }
}

function* innerWeights(held: Weights, bodies: Iterable<Body>): Generator<Weights> {
  if (held.size > 0) {
    yield held;
  }
  for (const body of bodies) {
    yield body.weights;
  }
}

/** The tensor that a Constant node stands for. */
function constantOf(node: Node): TensorRef | undefined {
  if (node.opType !== "Constant" || canonicalDomain(node.domain) !== "") {
    return undefined;
  }
  const value = node.attributes.get("value");
  return value?.type === "tensor" ? value.value : undefined;
}

/** Formulas are judged when they are evaluated. */
const isPossible = (dim: Dim): boolean => typeof dim !== "number" || (Number.isSafeInteger(dim) && dim >= 0);

function combine(outer: GraphRuns | undefined, inner: GraphRuns): GraphRuns {
  if (outer === undefined || inner.count === 0) {
    return inner;
  }
  if (outer.count === 0) {
    return outer;
  }
  const count =
    outer.count === undefined || inner.count === undefined ? undefined : mul(outer.count, inner.count);
  return {
    count,
    exact: outer.exact && inner.exact,
    rule: [inner.rule, outer.rule].filter((rule) => rule !== "").join("; "),
  };
}
