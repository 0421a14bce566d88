import { freshName } from "../../edit/graphs";
import type { Edit, NewNode } from "../../edit/types";
import type { Fact } from "../../facts/fact";
import type { Inference } from "../../infer/types";
import type { Attribute, Graph, Model, Node, NodeId, TensorRef } from "../../model/types";
import type { DType } from "../../tensor/dtype";
import { encodeNumbers } from "../../tensor/encode";
import { nameOf } from "../naming";

/** Names that a plan gives away, so that none comes twice. */
export class Names {
  private readonly model: Model;
  private readonly taken: string[] = [];

  constructor(model: Model) {
    this.model = model;
  }

  fresh(wanted: string): string {
    const name = freshName(this.model, wanted, this.taken);
    this.taken.push(name);
    return name;
  }
}

/** A node while rules change it from version to version, with the nodes that come in front of it and behind. */
export class Draft {
  opType: string;
  readonly inputs: string[];
  readonly outputs: string[];
  readonly attributes: Map<string, Attribute>;
  private readonly graph: Graph;
  private readonly node: Node;
  private readonly inference: Inference;
  private readonly names: Names;
  private readonly inFront: NewNode[] = [];
  private readonly behind: NewNode[] = [];

  constructor(graph: Graph, node: Node, inference: Inference, names: Names) {
    this.graph = graph;
    this.node = node;
    this.inference = inference;
    this.names = names;
    this.opType = node.opType;
    this.inputs = [...node.inputs];
    this.outputs = [...node.outputs];
    this.attributes = new Map(node.attributes);
  }

  /** Facts of an input of the node as the file has it. */
  fact(index: number): Fact {
    return this.inference.fact(this.graph, this.node.inputs[index] ?? "");
  }

  hasOutput(index: number): boolean {
    return (this.outputs[index] ?? "") !== "";
  }

  int(name: string): number | undefined {
    const attribute = this.attributes.get(name);
    return attribute?.type === "int" ? attribute.value : undefined;
  }

  float(name: string): number | undefined {
    const attribute = this.attributes.get(name);
    return attribute?.type === "float" ? attribute.value : undefined;
  }

  ints(name: string): readonly number[] | undefined {
    const attribute = this.attributes.get(name);
    return attribute?.type === "ints" ? attribute.value : undefined;
  }

  floats(name: string): readonly number[] | undefined {
    const attribute = this.attributes.get(name);
    return attribute?.type === "floats" ? attribute.value : undefined;
  }

  /** As the file has it, whatever rules did since. */
  floatsOfFile(name: string): readonly number[] | undefined {
    const attribute = this.node.attributes.get(name);
    return attribute?.type === "floats" ? attribute.value : undefined;
  }

  text(name: string): string | undefined {
    const attribute = this.attributes.get(name);
    return attribute?.type === "string" ? attribute.value : undefined;
  }

  setInt(name: string, value: number): void {
    this.attributes.set(name, { type: "int", value });
  }

  setText(name: string, value: string): void {
    this.attributes.set(name, { type: "string", value });
  }

  /** Inputs in between stay left out. */
  setInput(index: number, value: string): void {
    while (this.inputs.length < index) {
      this.inputs.push("");
    }
    this.inputs[index] = value;
  }

  /**
   * A Constant in front of the node: neither functions nor files of the first versions have initializers of their own.
   * Undefined for element types that are not written here.
   */
  constant(
    wanted: string,
    dtype: DType,
    dims: readonly number[],
    values: readonly number[],
  ): string | undefined {
    const bytes = encodeNumbers(dtype, values);
    if (bytes === undefined) {
      return undefined;
    }
    const value: TensorRef = { name: "", dtype, dims, data: { kind: "memory", bytes } };
    return this.add(this.inFront, "Constant", [], `${nameOf(this.node)}_${wanted}`, {
      value: { type: "tensor", value },
    });
  }

  /** A node in front of this one; answers its output. */
  before(
    opType: string,
    inputs: readonly string[],
    attributes: { readonly [name: string]: Attribute } = {},
  ): string {
    return this.add(this.inFront, opType, inputs, `${nameOf(this.node)}_${opType}`, attributes);
  }

  /** A node behind this one that makes what the first output was; this node's gets another name, which is `inputs[0]`. */
  after(opType: string, others: readonly string[]): void {
    const [output = ""] = this.outputs;
    const inner = this.names.fresh(`${output}_inner`);
    this.outputs[0] = inner;
    this.behind.push({
      name: this.names.fresh(`${nameOf(this.node)}_${opType}`),
      domain: "",
      opType,
      inputs: [inner, ...others],
      outputs: [output],
      attributes: new Map(),
      metadata: this.node.metadata,
    });
  }

  /** What is to be done in the graph. Nodes behind the last one have no id to stand in front of. */
  edits(next: NodeId | undefined): readonly Edit[] {
    const { graph, node } = this;
    const place = { graph: graph.path, node: node.id };
    const add = (fresh: NewNode, before: NodeId | undefined): Edit => ({
      kind: "addNode",
      graph: graph.path,
      node: fresh,
      before,
    });
    const edits: Edit[] = this.inFront.map((fresh) => add(fresh, node.id));
    if (this.opType !== node.opType) {
      const { name, domain, metadata } = node;
      const { opType, inputs, outputs, attributes } = this;
      edits.push({ kind: "removeNode", ...place });
      edits.push(add({ name, domain, opType, inputs, outputs, attributes, metadata }, next));
    } else {
      this.outputs.forEach((value, index) => {
        if (value !== node.outputs[index]) {
          edits.push({ kind: "setOutput", ...place, index, value });
        }
      });
      this.inputs.forEach((value, index) => {
        if (value !== node.inputs[index]) {
          edits.push({ kind: "setInput", ...place, index, value });
        }
      });
      for (const name of new Set([...node.attributes.keys(), ...this.attributes.keys()])) {
        const value = this.attributes.get(name);
        if (value !== node.attributes.get(name)) {
          edits.push({ kind: "setAttribute", ...place, name, value });
        }
      }
    }
    return [...edits, ...this.behind.map((fresh) => add(fresh, next))];
  }

  private add(
    list: NewNode[],
    opType: string,
    inputs: readonly string[],
    wanted: string,
    attributes: { readonly [name: string]: Attribute },
  ): string {
    const output = this.names.fresh(wanted);
    list.push({
      name: this.names.fresh(`${output}_node`),
      domain: "",
      opType,
      inputs,
      outputs: [output],
      attributes: new Map(Object.entries(attributes)),
      metadata: this.node.metadata,
    });
    return output;
  }
}
