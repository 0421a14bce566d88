import type { Node } from "../../model/types";
import { isCarrier, isEitherOp, isOp, type SearchGraph } from "./graph";
import { type LinearLayer, linearMaking } from "./products";

/** Inputs that carry the activation through an operator that splits, turns, scales, repeats or normalises heads. */
const THROUGH: { readonly [op: string]: readonly number[] | "all" } = {
  Concat: "all",
  Add: "all",
  Sub: "all",
  Mul: "all",
  Div: "all",
  Neg: [0],
  Slice: [0],
  Split: [0],
  Gather: [0],
  GatherND: [0],
  GatherElements: [0],
  Tile: [0],
  Pad: [0],
  Where: [1, 2],
  Pow: [0],
  Sqrt: [0],
  Reciprocal: [0],
  ReduceMean: [0],
  ReduceSum: [0],
  ReduceSumSquare: [0],
  ReduceL2: [0],
  Max: "all",
  Clip: [0],
  ScatterND: [0, 2],
  ScatterElements: [0, 2],
  TensorScatter: [0, 1],
};

const THROUGH_EITHER = [
  "LayerNormalization",
  "SimplifiedLayerNormalization",
  "RMSNormalization",
  "LpNormalization",
  "RotaryEmbedding",
];

/** No path from a product to its linear layer is as long. */
const MAX_STEPS = 64;
/** A layer with a low-rank addition; more come through a sum of residuals, and are layers of other blocks. */
const MAX_LAYERS = 2;

/** Where queries, keys or values come from. */
export interface Trace {
  /** The operand itself. */
  readonly start: string;
  /** What lies between the linear layers and the product, the nearest to the product first. */
  readonly nodes: readonly Node[];
  readonly layers: readonly LinearLayer[];
  /** Values that nothing in the graph makes: inputs of the graph, of a cache for example. */
  readonly inputs: readonly string[];
  /** Joins of what a cache holds with what is new, and the value that the cache gives. */
  readonly past: { readonly concat: Node; readonly value: string } | undefined;
}

/** Walks back from an operand of a product. Only what leads to a linear layer or to an input of the graph counts. */
export function traceBack(search: SearchGraph, operand: string): Trace {
  const walk = new Walk(search);
  walk.visit(operand, 0);
  return walk.trace(operand);
}

class Walk {
  private readonly search: SearchGraph;
  private readonly reached = new Map<string, boolean>();
  private readonly nodes = new Map<Node, number>();
  private readonly layers = new Map<string, LinearLayer>();
  private readonly inputs = new Set<string>();
  private past: Trace["past"];

  constructor(search: SearchGraph) {
    this.search = search;
  }

  trace(start: string): Trace {
    const layers = [...this.layers.values()];
    if (layers.length > MAX_LAYERS) {
      return { start, nodes: [], layers: [], inputs: [], past: undefined };
    }
    const nodes = [...this.nodes].sort(([, a], [, b]) => a - b).map(([node]) => node);
    return { start, nodes, layers, inputs: [...this.inputs], past: this.past };
  }

  visit(value: string, steps: number): boolean {
    const known = this.reached.get(value);
    if (known !== undefined || steps > MAX_STEPS) {
      return known ?? false;
    }
    this.reached.set(value, false);
    const answer = this.look(value, steps);
    this.reached.set(value, answer);
    return answer;
  }

  private look(value: string, steps: number): boolean {
    const { search } = this;
    const maker = search.maker(value);
    if (value === "" || search.isStored(value)) {
      return false;
    }
    if (maker === undefined) {
      this.inputs.add(value);
      return true;
    }
    const layer = linearMaking(search, value);
    if (layer !== undefined) {
      this.layers.set(layer.output, layer);
      return true;
    }
    const carried = carriedInputs(maker).filter((input) => search.isActivation(input));
    const leading = carried.filter((input) => this.visit(input, steps + 1));
    if (leading.length === 0) {
      return false;
    }
    this.nodes.set(maker, steps);
    if (isOp(maker, "Concat") && maker.inputs.length === 2) {
      this.notePast(maker);
    }
    return true;
  }

  /** A cache is joined with what the model has just computed. */
  private notePast(concat: Node): void {
    const fromCache = concat.inputs.filter((input) => this.comesFromInput(input));
    if (fromCache.length === 1) {
      this.past ??= { concat, value: fromCache[0]! };
    }
  }

  private comesFromInput(value: string): boolean {
    for (let at = value, steps = 0; steps < MAX_STEPS; steps++) {
      const maker = this.search.maker(at);
      if (maker === undefined) {
        return this.inputs.has(at);
      }
      const isAlone = isOp(maker, "Concat") && maker.inputs.length === 1;
      if (!isCarrier(maker) && !isAlone && !isOp(maker, "Gather", "Slice", "Split")) {
        return false;
      }
      at = maker.inputs[0] ?? "";
    }
    return false;
  }
}

function carriedInputs(node: Node): readonly string[] {
  if (isCarrier(node) || isEitherOp(node, ...THROUGH_EITHER)) {
    return node.inputs.slice(0, 1);
  }
  const through = node.domain === "" && Object.hasOwn(THROUGH, node.opType) ? THROUGH[node.opType] : [];
  return through === "all" ? node.inputs : (through ?? []).map((index) => node.inputs[index] ?? "");
}
