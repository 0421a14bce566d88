import { InferenceSession, type Tensor } from "onnxruntime-node";
import { type Expr, evaluate } from "../../../src/core/expr";
import { infer } from "../../../src/core/infer/infer";
import type { Inference, NodeCost } from "../../../src/core/infer/types";
import { readModel } from "../../../src/core/model/reader";
import type { Graph, Model, Node } from "../../../src/core/model/types";
import { TensorReader } from "../../../src/core/tensor/reader";
import { type ModelSpec, onnxModel } from "../../support/onnxBuilder";

/** A model made in code, read from its bytes and inferred. */
export class Built {
  readonly bytes: Uint8Array;
  readonly model: Model;
  readonly inference: Inference;

  constructor(spec: ModelSpec) {
    this.bytes = onnxModel(spec);
    const { bytes } = this;
    const source = {
      name: "built",
      size: bytes.length,
      read: (offset: number, into: Uint8Array) => void into.set(bytes.subarray(offset, offset + into.length)),
    };
    this.model = readModel(source);
    const reader = new TensorReader(source, { open: () => source });
    this.inference = infer(this.model, { readSmall: (tensor) => reader.small(tensor, 256) });
  }

  get problems(): readonly string[] {
    return this.inference.problems.map(({ message }) => message);
  }

  /** Type and shape of a value of the main graph: "float32 [2, n]" at the bindings. */
  shown(value: string, dims: { readonly [dim: string]: number } = {}): string {
    const { dtype, shape, kind } = this.inference.fact(this.model.graph, value);
    const bindings = new Map(Object.entries(dims));
    const sizes = shape?.map((dim) => (dim === undefined ? "?" : (evaluate(dim, bindings) ?? "unbound")));
    const tensor = `${dtype ?? "?"} ${sizes === undefined ? "?" : `[${sizes.join(", ")}]`}`;
    return kind === undefined || kind === "tensor" ? tensor : `${kind} of ${tensor}`;
  }

  /** The node of that name, wherever it is. */
  node(name: string): Node {
    const found = [
      ...nodesOf(this.model.graph),
      ...this.model.functions.flatMap((def) => [...nodesOf(def.graph)]),
    ].find((node) => node.name === name);
    if (found === undefined) {
      throw new Error(`no node ${name}`);
    }
    return found;
  }

  cost(name: string): NodeCost {
    return this.inference.cost(this.node(name).id);
  }

  amount(amount: Expr | undefined, dims: { readonly [dim: string]: number } = {}): number | undefined {
    return amount === undefined ? undefined : evaluate(amount, new Map(Object.entries(dims)));
  }

  /** Sum over the nodes whose cost no other node contains. */
  total(pick: (cost: NodeCost) => Expr | undefined, dims: { readonly [dim: string]: number } = {}): number {
    const graphs = [this.model.graph, ...this.model.functions.map((def) => def.graph)];
    let sum = 0;
    for (const node of graphs.flatMap((graph) => [...nodesOf(graph)])) {
      const cost = this.inference.cost(node.id);
      if (cost.countedBy === undefined) {
        sum += this.amount(pick(cost), dims) ?? Number.NaN;
      }
    }
    return sum;
  }

  /** Types and shapes of the outputs as onnxruntime makes them, in the words of `shown`. */
  async run(feeds: { readonly [name: string]: Tensor }): Promise<{ readonly [name: string]: string }> {
    const session = await InferenceSession.create(this.bytes, {
      graphOptimizationLevel: "disabled",
      logSeverityLevel: 4,
    });
    try {
      const outputs = await session.run(feeds);
      return Object.fromEntries(
        Object.entries(outputs).map(([name, { type, dims }]) => [name, `${type} [${dims.join(", ")}]`]),
      );
    } finally {
      await session.release();
    }
  }
}

function* nodesOf(graph: Graph): Generator<Node> {
  for (const node of graph.nodes) {
    yield node;
    for (const attribute of node.attributes.values()) {
      if (attribute.type === "graph") {
        yield* nodesOf(attribute.value);
      }
    }
  }
}
