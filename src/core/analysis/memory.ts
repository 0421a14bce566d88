import { compile, type Expr } from "../expr";
import type { Fact } from "../facts/fact";
import { bytes } from "../facts/size";
import type { Inference } from "../infer/types";
import { readNames } from "../model/order";
import { subgraphsOf } from "../model/subgraphs";
import type { FunctionDef, Graph, Model, Node, NodeId } from "../model/types";
import { canonicalDomain, operator } from "../ops/index";
import type { BufferReuse } from "../ops/spec";
import { runtimeOrder } from "./runtimeOrder";
import { RuntimeShapes } from "./runtimeShapes";

/** A value that holds memory of its own at the peak. */
export interface AliveValue {
  readonly name: string;
  /** Nobody reads it any more: its memory is kept for a later value of the same shape. */
  readonly idle: boolean;
  readonly bytes: number;
  /** Inputs of the model belong to the caller and live through the whole run. */
  readonly kind: "input" | "activation" | "inner";
}

/** The moment of a run at which most memory is held; weights, caches of prepacked weights and kernels' scratch are left out. */
export interface MemoryPeak {
  /** Bytes; a lower bound when `unknown` is not 0; undefined when no size at all is known. */
  readonly peakBytes: number | undefined;
  readonly atNode: NodeId | undefined;
  /** What is held then, largest first. A node that runs graphs holds their own peak as one `inner` entry. */
  readonly alive: readonly AliveValue[];
  /** Values whose size is not known at these bindings; they count as nothing. */
  readonly unknown: number;
}

/** Memory that one or several values share: views and results written over their input keep the same buffer. */
interface Buffer {
  readonly kind: AliveValue["kind"];
  /** Slots of the sizes of all values in it; the largest counts. */
  readonly slots: number[];
  /** Steps from `first` to `last` hold it. */
  readonly first: number;
  last: number;
  /** Values that had it one after the other; a view and what is written over its input are the same tenant. */
  readonly tenants: Tenant[];
  /** Reads that are still to come. */
  reads: number;
  /** Of the first value: what later values must be like to get the memory when it is free. */
  readonly shape: string | undefined;
}

interface Tenant {
  readonly name: string;
  readonly first: number;
  last: number;
}

interface GraphPlan {
  readonly nodes: readonly Node[];
  readonly buffers: readonly Buffer[];
  /** Plans of the graphs that a node runs, one at a time, by step. */
  readonly inner: ReadonlyMap<number, readonly GraphPlan[]>;
  /** Values without a size even as a formula. */
  readonly unsized: number;
}

/**
 * When each activation is made, last read and freed, as onnxruntime plans it before the first run: it hands buffers on
 * through views (Reshape), lets elementwise operators write over an input that nobody reads later, and gives memory
 * whose value is no longer read to the next value of the same shape. What such a later value will take is not freed in
 * between, so more is held than is of use. An estimate: the graph that it optimised is another one.
 */
export class MemoryPlan {
  readonly #plan: GraphPlan;
  readonly #sizes: (bindings: ReadonlyMap<string, number>) => Float64Array;

  constructor(model: Model, inference: Inference) {
    const planner = new Planner(model, inference);
    this.#plan = planner.plan(model.graph, model.opsets, 0);
    this.#sizes = compile(planner.formulas);
  }

  /** The peak at these sizes of the symbols. */
  at(bindings: ReadonlyMap<string, number>): MemoryPeak {
    return new Evaluation(this.#sizes(bindings)).peakOf(this.#plan);
  }
}

/** Peaks at one binding; that of a function's body, which many calls share, is worked out once. */
class Evaluation {
  readonly #sizes: Float64Array;
  readonly #peaks = new Map<GraphPlan, MemoryPeak>();

  constructor(sizes: Float64Array) {
    this.#sizes = sizes;
  }

  peakOf(plan: GraphPlan): MemoryPeak {
    let peak = this.#peaks.get(plan);
    if (peak === undefined) {
      peak = sweep(plan, this.#sizes, (inner) => this.peakOf(inner));
      this.#peaks.set(plan, peak);
    }
    return peak;
  }
}

function sweep(plan: GraphPlan, sizes: Float64Array, peakOf: (inner: GraphPlan) => MemoryPeak): MemoryPeak {
  const { nodes, buffers } = plan;
  const change = new Float64Array(nodes.length + 1);
  const held = new Float64Array(buffers.length);
  let unknown = plan.unsized;
  for (let i = 0; i < buffers.length; i++) {
    const { slots, first, last } = buffers[i] as Buffer;
    let size = 0;
    for (const slot of slots) {
      const value = sizes[slot] as number;
      if (Number.isNaN(value)) {
        unknown++;
      } else {
        size = Math.max(size, value);
      }
    }
    held[i] = size;
    change[first] = (change[first] as number) + size;
    change[last + 1] = (change[last + 1] as number) - size;
  }
  const inside = new Map<number, number>();
  for (const [step, graphs] of plan.inner) {
    const peaks = graphs.map(peakOf);
    unknown += peaks.reduce((sum, peak) => sum + peak.unknown, 0);
    inside.set(step, Math.max(0, ...peaks.map((peak) => peak.peakBytes ?? 0)));
  }
  let [now, peak, at] = [0, -1, -1];
  for (let step = 0; step < nodes.length; step++) {
    now += change[step] as number;
    const total = now + (inside.get(step) ?? 0);
    if (total > peak) {
      [peak, at] = [total, step];
    }
  }
  const alive: AliveValue[] = [];
  for (let i = 0; i < buffers.length; i++) {
    const { kind, first, last, tenants } = buffers[i] as Buffer;
    if (first <= at && at <= last && (held[i] as number) > 0) {
      const tenant = tenants.findLast((each) => each.first <= at);
      alive.push({
        name: tenant?.name ?? "",
        kind,
        bytes: held[i] as number,
        idle: tenant !== undefined && tenant.last < at,
      });
    }
  }
  const within = inside.get(at) ?? 0;
  if (within > 0) {
    alive.push({ name: nodes[at]?.name ?? "", kind: "inner", bytes: within, idle: false });
  }
  alive.sort((a, b) => b.bytes - a.bytes);
  const nothingKnown = buffers.length > 0 && alive.length === 0 && unknown > 0;
  return {
    peakBytes: at < 0 || nothingKnown ? undefined : peak,
    atNode: nodes[at]?.id,
    alive,
    unknown,
  };
}

const NO_NAMES: ReadonlySet<string> = new Set();

/** Memory that somebody else holds: a weight's, or that of a value around this graph. */
const ELSEWHERE = "elsewhere";

/** Graphs whose outputs become outputs of the node that runs them, without a copy. */
const HANDS_ON = new Set(["If"]);

class Planner {
  readonly formulas: Expr[] = [];
  readonly #slots = new Map<Expr, number>();
  readonly #bodies = new Map<FunctionDef, readonly GraphPlan[]>();
  readonly #slotOfFact = new Map<Fact, number | undefined>();
  readonly #functions = new Map<string, FunctionDef>();
  readonly #inference: Inference;
  readonly #model: Model;

  constructor(model: Model, inference: Inference) {
    this.#model = model;
    this.#inference = inference;
    for (const def of model.functions) {
      this.#functions.set(`${canonicalDomain(def.domain)}:${def.name}:${def.overload}`, def);
    }
  }

  /** `given` names outputs whose memory the node around the graph holds. */
  plan(graph: Graph, opsets: ReadonlyMap<string, number>, depth: number, given = NO_NAMES): GraphPlan {
    const nodes = runtimeOrder(graph);
    const shapes = new RuntimeShapes(this.#model, graph, nodes, this.#inference);
    const ledger = new Ledger(graph, nodes, shapes, (name) => this.#slotOf(graph, name));
    const inner = new Map<number, GraphPlan[]>();
    // What a subgraph is given, its owner's graph holds already.
    if (graph.parent === undefined && depth === 0) {
      for (const { name } of graph.inputs) {
        if (!graph.initializers.has(name)) {
          ledger.hold(name, "input", 0);
        }
      }
    }
    nodes.forEach((node, step) => {
      const graphs = this.#graphsOf(node, opsets, depth);
      if (graphs.length > 0) {
        inner.set(step, graphs);
      }
      if (node.opType === "Constant" && canonicalDomain(node.domain) === "") {
        return;
      }
      const opset = opsets.get(canonicalDomain(node.domain)) ?? opsets.get("ai.onnx") ?? 1;
      const reuse = operator(node.domain, node.opType, opset)?.reuses;
      node.outputs.forEach((name, index) => {
        if (name !== "" && !given.has(name)) {
          ledger.make(name, node, step, index === 0 ? reuse : undefined);
        }
      });
      ledger.release(node, step);
    });
    return { nodes, buffers: ledger.buffers, inner, unsized: ledger.unsized };
  }

  #graphsOf(node: Node, opsets: ReadonlyMap<string, number>, depth: number): GraphPlan[] {
    const plans = subgraphsOf(node).map((graph) => {
      const given = HANDS_ON.has(node.opType) ? graph.outputs.map((output) => output.name) : [];
      return this.plan(graph, opsets, depth + 1, new Set(given));
    });
    const def =
      this.#functions.size > 0
        ? this.#functions.get(`${canonicalDomain(node.domain)}:${node.opType}:${node.overload}`)
        : undefined;
    return def === undefined ? plans : [...plans, ...this.#bodyOf(def, depth)];
  }

  /** The plan of a function's body, made once; none while it is being made, which is a function that calls itself. */
  #bodyOf(def: FunctionDef, depth: number): readonly GraphPlan[] {
    const known = this.#bodies.get(def);
    if (known !== undefined) {
      return known;
    }
    this.#bodies.set(def, []);
    const plans = [this.plan(def.graph, def.opsets, depth + 1, new Set(def.outputs))];
    this.#bodies.set(def, plans);
    return plans;
  }

  #slotOf(graph: Graph, name: string): number | undefined {
    const fact = this.#inference.fact(graph, name);
    if (!this.#slotOfFact.has(fact)) {
      this.#slotOfFact.set(fact, this.#newSlot(fact));
    }
    return this.#slotOfFact.get(fact);
  }

  #newSlot(fact: Fact): number | undefined {
    const size = bytes(fact);
    if (size === undefined) {
      return undefined;
    }
    let slot = this.#slots.get(size);
    if (slot === undefined) {
      slot = this.formulas.length;
      this.formulas.push(size);
      this.#slots.set(size, slot);
    }
    return slot;
  }
}

/** Who has which memory while a graph is gone through. */
class Ledger {
  readonly buffers: Buffer[] = [];
  unsized = 0;
  readonly #last: number;
  readonly #shapes: RuntimeShapes;
  readonly #slotOf: (name: string) => number | undefined;
  readonly #reads: Map<string, number>;
  readonly #outputs: ReadonlySet<string>;
  readonly #holder = new Map<string, Buffer>();
  /** Memory that waits for a value of its shape, that which came last at the end. */
  readonly #free = new Map<string, Buffer[]>();

  constructor(
    graph: Graph,
    nodes: readonly Node[],
    shapes: RuntimeShapes,
    slotOf: (name: string) => number | undefined,
  ) {
    this.#shapes = shapes;
    this.#slotOf = slotOf;
    this.#last = nodes.length - 1;
    this.#reads = new Map();
    for (const node of nodes) {
      for (const name of readsOf(node)) {
        this.#reads.set(name, (this.#reads.get(name) ?? 0) + 1);
      }
    }
    this.#outputs = new Set(graph.outputs.map(({ name }) => name));
  }

  /** New memory for a value. */
  hold(name: string, kind: Buffer["kind"], step: number): void {
    const slot = this.#slotOf(name);
    if (slot === undefined) {
      this.unsized++;
      return;
    }
    const keep = kind === "input" || this.#outputs.has(name);
    const buffer: Buffer = {
      kind,
      slots: [slot],
      first: step,
      last: this.#last,
      tenants: [{ name, first: step, last: this.#last }],
      reads: keep ? Number.POSITIVE_INFINITY : (this.#reads.get(name) ?? 0),
      shape: this.#shapes.isScalar(name) ? undefined : this.#shapes.key(name),
    };
    this.#holder.set(name, buffer);
    this.buffers.push(buffer);
  }

  /** Memory for what a node makes: an input's, memory that is free, or new. Outputs of the graph always get their own. */
  make(name: string, node: Node, step: number, reuse: BufferReuse | undefined): void {
    if (this.#outputs.has(name)) {
      this.hold(name, "activation", step);
      return;
    }
    const shared = this.#shared(name, node, reuse);
    if (shared === ELSEWHERE) {
      return;
    }
    const buffer = shared ?? this.#freeFor(name);
    const slot = this.#slotOf(name);
    if (buffer === undefined || slot === undefined) {
      this.hold(name, "activation", step);
      return;
    }
    buffer.slots.push(slot);
    buffer.reads += this.#reads.get(name) ?? 0;
    if (shared === undefined) {
      buffer.last = this.#last;
      buffer.tenants.push({ name, first: step, last: this.#last });
    }
    this.#holder.set(name, buffer);
  }

  /** After a node: what it read for the last time, and what it made and nobody reads, is free. */
  release(node: Node, step: number): void {
    for (const name of readsOf(node)) {
      const buffer = this.#holder.get(name);
      if (buffer !== undefined && --buffer.reads === 0) {
        this.#freed(buffer, step);
      }
    }
    for (const name of node.outputs) {
      const buffer = this.#holder.get(name);
      if (buffer !== undefined && buffer.reads === 0 && !this.#reads.has(name)) {
        this.#freed(buffer, step);
      }
    }
  }

  #freed(buffer: Buffer, step: number): void {
    buffer.last = step;
    const tenant = buffer.tenants.at(-1);
    if (tenant !== undefined) {
      tenant.last = step;
    }
    if (buffer.shape !== undefined) {
      const waiting = this.#free.get(buffer.shape);
      if (waiting === undefined) {
        this.#free.set(buffer.shape, [buffer]);
      } else {
        waiting.push(buffer);
      }
    }
  }

  #freeFor(name: string): Buffer | undefined {
    const shape = this.#shapes.isScalar(name) ? undefined : this.#shapes.key(name);
    return shape === undefined ? undefined : this.#free.get(shape)?.pop();
  }

  /**
   * The buffer of an input that the first output keeps: that of a view, or one that is read here for the last time.
   * A view of a weight or of a value from outside takes no memory here.
   */
  #shared(name: string, node: Node, reuse: BufferReuse | undefined): Buffer | typeof ELSEWHERE | undefined {
    for (const index of reuse?.inputs ?? []) {
      const input = node.inputs[index] ?? "";
      const buffer = this.#holder.get(input);
      if (reuse?.as === "view") {
        return buffer ?? ELSEWHERE;
      }
      const shape = this.#shapes.key(input);
      if (buffer?.reads === 1 && shape !== undefined && shape === this.#shapes.key(name)) {
        return buffer;
      }
    }
    return undefined;
  }
}

/** What a node reads: each input as often as it is one, and each name that only its graphs read once. */
function readsOf(node: Node): readonly string[] {
  const all = readNames(node);
  return all === node.inputs ? all : [...node.inputs, ...new Set(all.slice(node.inputs.length))];
}
