import { freshName } from "../../edit/graphs";
import type { Edit, NewNode } from "../../edit/types";
import { coefficients, type Expr } from "../../expr";
import type { Attribute, Graph, NodeId, TensorRef } from "../../model/types";
import { encodeNumbers } from "../../tensor/encode";
import type { Task } from "./opening";

/** Writes sizes as tensors: numbers as constants, the opened dim as it is read from the input at each run. */
export class SizeWriter {
  private readonly task: Task;
  private readonly first: NodeId | undefined;
  private readonly taken: string[] = [];
  private readonly read = new Map<number, string>();

  constructor(task: Task) {
    this.task = task;
    this.first = task.model.graph.nodes[0]?.id;
  }

  /**
   * Edits that make a one-dimensional int64 tensor of these sizes in front of a node, and its name. Undefined where a
   * size is neither a number nor a multiple of the opened dim.
   */
  tensor(
    sizes: readonly Expr[],
    place: { readonly graph: Graph; readonly before: NodeId },
    wanted: string,
  ): { readonly edits: readonly Edit[]; readonly name: string } | undefined {
    const edits: Edit[] = [];
    const parts: string[] = [];
    let numbers: number[] = [];
    const flush = () => {
      if (numbers.length > 0) {
        parts.push(this.constant(numbers, [numbers.length], place.graph, wanted, edits));
        numbers = [];
      }
    };
    for (const size of sizes) {
      const factor = typeof size === "number" ? undefined : this.factorIn(size);
      if (typeof size === "number") {
        numbers.push(size);
      } else if (factor === undefined) {
        return undefined;
      } else {
        flush();
        parts.push(factor === 1 ? this.opened([1], edits) : this.multiple(factor, place, wanted, edits));
      }
    }
    flush();
    const [only] = parts;
    return parts.length === 1 && only !== undefined
      ? { edits, name: only }
      : {
          edits,
          name: this.node("Concat", parts, { axis: { type: "int", value: 0 } }, { ...place, wanted }, edits),
        };
  }

  private factorIn(size: Expr): number | undefined {
    const [term, ...rest] = coefficients(size, this.task.opening.name);
    return rest.length === 0 &&
      term?.power === 1 &&
      typeof term.factor === "number" &&
      Number.isInteger(term.factor)
      ? term.factor
      : undefined;
  }

  /** The opened dim of the first input that has it, as an int64 tensor of shape [1] or []. */
  opened(shape: readonly [] | readonly [1], edits: Edit[]): string {
    let size = this.read.get(shape.length);
    if (size === undefined) {
      const { graph } = this.task.model;
      const { axis, name } = this.task.opening;
      const [input = ""] = this.task.opening.inputs;
      const place = { graph, before: this.first };
      const index = this.constant([axis], shape, graph, `${name}_axis`, edits);
      const all = this.node("Shape", [input], {}, { ...place, wanted: `${input}_shape` }, edits);
      size = this.node(
        "Gather",
        [all, index],
        { axis: { type: "int", value: 0 } },
        { ...place, wanted: `${name}_size` },
        edits,
      );
      this.read.set(shape.length, size);
    }
    return size;
  }

  private multiple(
    factor: number,
    place: { readonly graph: Graph; readonly before: NodeId },
    wanted: string,
    edits: Edit[],
  ): string {
    const size = this.opened([1], edits);
    const by = this.constant([factor], [1], place.graph, `${wanted}_factor`, edits);
    return this.node("Mul", [size, by], {}, { ...place, wanted: `${wanted}_size` }, edits);
  }

  /** Stores int64 numbers and answers the name of the tensor. */
  constant(
    values: readonly number[],
    dims: readonly number[],
    graph: Graph,
    wanted: string,
    edits: Edit[],
  ): string {
    const bytes = encodeNumbers("int64", values)!;
    return this.store({ dtype: "int64", dims, data: { kind: "memory", bytes } }, graph, wanted, edits);
  }

  /** Stores a tensor under a free name like the wanted one, and answers it. */
  store(tensor: Omit<TensorRef, "name">, graph: Graph, wanted: string, edits: Edit[]): string {
    const name = this.fresh(wanted);
    edits.push({ kind: "putTensor", graph: graph.path, tensor: { ...tensor, name } });
    return name;
  }

  /** Adds a node and answers the name of its output. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: { readonly [name: string]: Attribute },
    place: { readonly graph: Graph; readonly before: NodeId | undefined; readonly wanted: string },
    edits: Edit[],
  ): string {
    const output = this.fresh(place.wanted);
    const node: NewNode = {
      name: this.fresh(`${output}_${opType}`),
      domain: "",
      opType,
      inputs,
      outputs: [output],
      attributes: new Map(Object.entries(attributes)),
      metadata: new Map(),
    };
    edits.push({ kind: "addNode", graph: place.graph.path, node, before: place.before });
    return output;
  }

  private fresh(wanted: string): string {
    const name = freshName(this.task.model, wanted, this.taken);
    this.taken.push(name);
    return name;
  }
}
