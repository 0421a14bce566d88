import { compile, type Expr } from "../expr";
import type { Fact } from "../facts/fact";
import { bytes } from "../facts/size";
import { orderOf, readNames } from "../infer/order";
import type { Inference } from "../infer/types";
import { subgraphsOf } from "../model/subgraphs";
import type { FunctionDef, Graph, Model, Node, NodeId } from "../model/types";
import { canonicalDomain, operator } from "../ops/index";

/** A value that holds memory of its own at the peak. */
export interface AliveValue {
  readonly name: string;
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
  readonly name: string;
  readonly kind: AliveValue["kind"];
  /** Slots of the sizes of all values in it; the largest counts. */
  readonly slots: number[];
  /** Steps from `first` to `last` hold it. */
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
 * When each activation is made, last read and freed, in the order in which onnxruntime runs the nodes: it frees a value
 * after its last reader, hands buffers on through views (Reshape), and lets elementwise operators write over an input
 * that nobody reads later. An estimate: arenas round up, and parallel execution keeps more alive.
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
    const { name, kind, first, last } = buffers[i] as Buffer;
    if (first <= at && at <= last && (held[i] as number) > 0) {
      alive.push({ name, kind, bytes: held[i] as number });
    }
  }
  const within = inside.get(at) ?? 0;
  if (within > 0) {
    alive.push({ name: nodes[at]?.name ?? "", kind: "inner", bytes: within });
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
const ELSEWHERE: Buffer = { name: "", kind: "inner", slots: [], first: 0, last: 0 };

/** Graphs whose outputs become outputs of the node that runs them, without a copy. */
const HANDS_ON = new Set(["If"]);

class Planner {
  readonly formulas: Expr[] = [];
  readonly #slots = new Map<Expr, number>();
  readonly #bodies = new Map<FunctionDef, readonly GraphPlan[]>();
  readonly #slotOfFact = new Map<Fact, number | undefined>();
  readonly #functions = new Map<string, FunctionDef>();
  readonly #inference: Inference;

  constructor(model: Model, inference: Inference) {
    this.#inference = inference;
    for (const def of model.functions) {
      this.#functions.set(`${canonicalDomain(def.domain)}:${def.name}:${def.overload}`, def);
    }
  }

  /** `given` names outputs whose memory the node around the graph holds. */
  plan(graph: Graph, opsets: ReadonlyMap<string, number>, depth: number, given = NO_NAMES): GraphPlan {
    const { nodes } = orderOf(graph);
    const lastRead = lastReads(graph, nodes);
    const buffers: Buffer[] = [];
    const holder = new Map<string, Buffer>();
    const inner = new Map<number, GraphPlan[]>();
    let unsized = 0;
    const hold = (name: string, kind: Buffer["kind"], first: number, last: number): void => {
      const slot = this.#slotOf(graph, name);
      if (slot === undefined) {
        unsized++;
        return;
      }
      const buffer: Buffer = { name, kind, slots: [slot], first, last };
      holder.set(name, buffer);
      buffers.push(buffer);
    };
    // What a subgraph is given, its owner's graph holds already.
    if (graph.parent === undefined && depth === 0) {
      for (const { name } of graph.inputs) {
        if (!graph.initializers.has(name)) {
          hold(name, "input", 0, nodes.length - 1);
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
      node.outputs.forEach((name, index) => {
        if (name === "") {
          return;
        }
        const last = Math.max(lastRead.get(name) ?? step, step);
        const shared = index === 0 ? this.#shared(graph, node, step, opsets, holder) : undefined;
        const slot = shared && this.#slotOf(graph, name);
        if (shared !== undefined && shared !== ELSEWHERE && slot !== undefined) {
          shared.slots.push(slot);
          shared.last = Math.max(shared.last, last);
          holder.set(name, shared);
        } else if (shared !== ELSEWHERE && !given.has(name)) {
          hold(name, "activation", step, last);
        }
      });
    });
    return { nodes, buffers, inner, unsized };
  }

  /**
   * The buffer of an input that the first output keeps: that of a view, or one that is read here for the last time.
   * A view of a weight or of a value from outside takes no memory here.
   */
  #shared(
    graph: Graph,
    node: Node,
    step: number,
    opsets: ReadonlyMap<string, number>,
    holder: ReadonlyMap<string, Buffer>,
  ): Buffer | undefined {
    const opset = opsets.get(canonicalDomain(node.domain)) ?? opsets.get("ai.onnx") ?? 1;
    const reuse = operator(node.domain, node.opType, opset)?.reuses;
    for (const index of reuse?.inputs ?? []) {
      const name = node.inputs[index] ?? "";
      const buffer = holder.get(name);
      if (buffer === undefined) {
        if (reuse?.as === "view") {
          return ELSEWHERE;
        }
        continue;
      }
      const isFree = buffer.kind === "activation" && buffer.last <= step;
      const fits = this.#slotOf(graph, name) === this.#slotOf(graph, node.outputs[0] ?? "");
      if (reuse?.as === "view" || (isFree && fits)) {
        return buffer;
      }
    }
    return undefined;
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

/** The last step that reads each value; outputs of the graph are read at its end. */
function lastReads(graph: Graph, nodes: readonly Node[]): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  nodes.forEach((node, step) => {
    for (const name of readNames(node)) {
      last.set(name, step);
    }
  });
  for (const { name } of graph.outputs) {
    last.set(name, nodes.length - 1);
  }
  return last;
}
