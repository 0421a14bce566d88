import {
  type AttributeSpec,
  floatTensor,
  type GraphSpec,
  int64Tensor,
  type NodeSpec,
  onnxModel,
  type TensorSpec,
  type TypeName,
  type ValueSpec,
} from "../../support/onnxBuilder";
import { memoryFiles, memorySource } from "../../support/sources";
import { attentionInSource, type Searched } from "./support";

export type Dims = readonly (number | string)[];

export interface Heads {
  readonly q: string;
  readonly k: string;
  readonly v: string;
}

/** A graph written down node by node; every step answers the name of what it makes. */
export class SmallModel {
  readonly nodes: NodeSpec[] = [];
  readonly initializers: TensorSpec[] = [];
  readonly inputs: ValueSpec[] = [];
  opset = 21;
  #made = 0;

  input(name: string, dims: Dims, type: TypeName = "float32"): string {
    this.inputs.push({ name, type, dims });
    return name;
  }

  weight(...dims: readonly number[]): string {
    const count = dims.reduce((product, dim) => product * dim, 1);
    return this.#stored(floatTensor(this.#name("weight"), dims, new Array<number>(count).fill(0.5)));
  }

  number(value: number): string {
    return this.#stored(floatTensor(this.#name("number"), [], [value]));
  }

  ints(...values: readonly number[]): string {
    return this.#stored(int64Tensor(this.#name("ints"), [values.length], values));
  }

  int(value: number): string {
    return this.#stored(int64Tensor(this.#name("int"), [], [value]));
  }

  /** A stored matrix, element by element. */
  matrix(
    rows: number,
    columns: number,
    at: (row: number, column: number) => number,
    type: "bool" | "float32",
  ): string {
    const values = Array.from({ length: rows * columns }, (_, i) => at(Math.floor(i / columns), i % columns));
    const name = this.#name("mask");
    return this.#stored(
      type === "float32"
        ? floatTensor(name, [1, 1, rows, columns], values)
        : { name, type: "bool", dims: [1, 1, rows, columns], raw: Uint8Array.from(values) },
    );
  }

  node(
    op: string,
    inputs: readonly string[],
    attributes: { readonly [name: string]: AttributeSpec } = {},
  ): string {
    return this.several(op, inputs, 1, attributes)[0]!;
  }

  several(
    op: string,
    inputs: readonly string[],
    outputs: number,
    attributes: { readonly [name: string]: AttributeSpec } = {},
  ): readonly string[] {
    const names = Array.from({ length: outputs }, () => this.#name(op.toLowerCase()));
    const [domain, opType] = op.includes(".")
      ? [op.slice(0, op.lastIndexOf(".")), op.split(".").at(-1)!]
      : ["", op];
    this.nodes.push({
      op: opType,
      domain,
      name: `${opType} ${names[0]}`,
      inputs,
      outputs: names,
      attributes,
    });
    return names;
  }

  transpose(value: string, ...perm: readonly number[]): string {
    return this.node("Transpose", [value], { perm: { ints: perm } });
  }

  reshape(value: string, ...dims: readonly number[]): string {
    return this.node("Reshape", [value, this.ints(...dims)]);
  }

  layer(value: string, from: number, to: number): string {
    return this.node("Add", [this.node("MatMul", [value, this.weight(from, to)]), this.weight(to)]);
  }

  /** (batch, length, heads·4) to (batch, heads, length, 4). */
  split(value: string, heads = 2): string {
    return this.transpose(this.reshape(value, 0, 0, heads, 4), 0, 2, 1, 3);
  }

  /** Queries, keys transposed and values of two heads, from x and from where keys come from. */
  heads(x: string, context = x): Heads {
    const q = this.split(this.layer(x, 8, 8));
    const k = this.transpose(this.split(this.layer(context, 8, 8)), 0, 1, 3, 2);
    const v = this.split(this.layer(context, 8, 8));
    return { q, k, v };
  }

  softmax(scores: string, axis = -1): string {
    return this.node("Softmax", [scores], { axis: { int: axis } });
  }

  /** Puts heads together again and mixes them. */
  merge(context: string): string {
    return this.layer(this.reshape(this.transpose(context, 0, 2, 1, 3), 0, 0, 8), 8, 8);
  }

  graph(output: string): GraphSpec {
    return {
      nodes: this.nodes,
      inputs: this.inputs,
      outputs: [{ name: output, type: "float32" }],
      initializers: this.initializers,
    };
  }

  search(output: string): Searched {
    const bytes = onnxModel({ opsets: { "": this.opset, "com.microsoft": 1 }, graph: this.graph(output) });
    return attentionInSource(memorySource(bytes), memoryFiles({}));
  }

  #stored(tensor: TensorSpec): string {
    this.initializers.push(tensor);
    return tensor.name!;
  }

  #name(hint: string): string {
    return `${hint}_${this.#made++}`;
  }
}

/** One block in which `masked` may do something to the scores. */
export function blockWith(
  masked: (model: SmallModel, scores: string) => string,
  length: number | string = "n",
): Searched {
  const model = new SmallModel();
  const { q, k, v } = model.heads(model.input("x", ["batch", length, 8]));
  const scores = masked(model, model.node("MatMul", [q, k]));
  return model.search(model.merge(model.node("MatMul", [model.softmax(scores), v])));
}
