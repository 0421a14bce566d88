import { dimension, type Expr } from "../expr";
import type { Inference } from "../infer/types";
import type { Graph, Model, Node } from "../model/types";
import { bitsPerElement } from "../tensor/dtype";

/** Inputs whose content, not only their shape, decides the shape of the result. */
const SHAPED_BY: { readonly [op: string]: readonly number[] } = {
  ConstantOfShape: [0],
  Expand: [1],
  OneHot: [1],
  Pad: [1, 3],
  Range: [0, 1, 2],
  Reshape: [1],
  Resize: [2, 3],
  Slice: [1, 2, 3, 4],
  Split: [1],
  Squeeze: [1],
  Tile: [1],
  TopK: [1],
  Unsqueeze: [1],
  Upsample: [1],
};

/** Results whose size depends on data. */
const OPEN = new Set(["NonZero", "NonMaxSuppression", "Unique", "Compress", "Loop", "Scan", "If"]);

/**
 * Which shapes onnxruntime knows before it runs a graph. It plans shared memory from these alone, and they are fewer
 * than inference here finds: it follows shapes through operators, but not through the arithmetic of nodes that compute
 * a shape, and it compares sizes by name only, so that of a sum such as past + 1 it knows nothing unless the file
 * declares it.
 */
export class RuntimeShapes {
  readonly #graph: Graph;
  readonly #inference: Inference;
  readonly #known = new Set<string>();
  /** Everything that is not a value of a graph around this one. */
  readonly #made: ReadonlySet<string>;
  readonly #constants: Set<string>;
  readonly #named: ReadonlySet<Expr | undefined>;

  /** @param nodes in an order in which every value is made before it is read */
  constructor(model: Model, graph: Graph, nodes: readonly Node[], inference: Inference) {
    this.#graph = graph;
    this.#inference = inference;
    this.#constants = new Set(graph.initializers.keys());
    this.#named = new Set(model.graph.inputs.flatMap(({ dims }) => dims ?? []).map(exprOf));
    this.#made = new Set([
      ...graph.inputs.map(({ name }) => name),
      ...nodes.flatMap(({ outputs }) => outputs),
    ]);
    for (const { name } of graph.inputs) {
      this.#known.add(name);
    }
    const declared = new Map(graph.valueInfo);
    for (const output of graph.outputs) {
      declared.set(output.name, output);
    }
    for (const node of nodes) {
      const follows = this.#follows(node);
      for (const name of node.outputs) {
        const isDeclared = declared.get(name)?.dims?.every((dim) => dim !== undefined) === true;
        if (isDeclared || (follows && this.#isNamed(name))) {
          this.#known.add(name);
        }
      }
      if (node.opType === "Constant") {
        for (const name of node.outputs) {
          this.#constants.add(name);
        }
      }
    }
  }

  /** The same text for values whose memory has the same shape and element size for certain; undefined when that is not known. */
  key(name: string): string | undefined {
    if (!this.#known.has(name)) {
      return undefined;
    }
    const { dtype, shape } = this.#inference.fact(this.#graph, name);
    const bits = dtype === undefined ? 0 : bitsPerElement(dtype);
    if (bits === 0 || shape === undefined || shape.some((dim) => dim === undefined)) {
      return undefined;
    }
    return `${bits}:${shape.map((dim) => (typeof dim === "number" ? dim : dim?.key)).join()}`;
  }

  /** A scalar's memory is never handed on to values that have nothing to do with it. */
  isScalar(name: string): boolean {
    return this.#inference.fact(this.#graph, name).shape?.length === 0;
  }

  #follows(node: Node): boolean {
    if (OPEN.has(node.opType)) {
      return false;
    }
    const shaping = SHAPED_BY[node.opType] ?? [];
    return node.inputs.every((name, index) => {
      if (name === "" || this.#constants.has(name)) {
        return true;
      }
      return !shaping.includes(index) && (this.#made.has(name) ? this.#known.has(name) : this.#isNamed(name));
    });
  }

  #isNamed(name: string): boolean {
    const { shape } = this.#inference.fact(this.#graph, name);
    return shape?.every((dim) => typeof dim === "number" || this.#named.has(dim)) === true;
  }
}

function exprOf(dim: number | string | undefined): Expr | undefined {
  return typeof dim === "string" ? dimension(dim) : dim;
}
