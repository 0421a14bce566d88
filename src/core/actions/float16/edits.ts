import { indexOf } from "../../edit/graphIndex";
import { freshName, type Read, readsOf } from "../../edit/graphs";
import type { Edit } from "../../edit/types";
import { changedInfo } from "../../edit/valueInfo";
import type { Attribute, Graph, Model, Node, TensorRef } from "../../model/types";
import { DTYPE_CODES } from "../../tensor/dtype";
import { remove } from "../rewire";
import type { ModelContext } from "../types";
import { type Choice, type HalfPlan, readsHalf } from "./plan";

type Form = "float32" | "float16";
const other = (form: Form): Form => (form === "float32" ? "float16" : "float32");

/** The edits that carry out a plan: converted weights, and Casts wherever the two types meet. */
export function halfEdits(context: ModelContext, plan: HalfPlan, choice: Choice): readonly Edit[] {
  return new HalfWriter(context, plan, choice).edits();
}

class HalfWriter {
  private readonly context: ModelContext;
  private readonly plan: HalfPlan;
  private readonly boundary: Form;
  private readonly graph: Graph;
  private readonly model: Model;
  private readonly taken: string[] = [];
  private readonly changes: Edit[] = [];
  /** Done last: other edits name their place by these nodes. */
  private readonly removals: Edit[] = [];

  constructor(context: ModelContext, plan: HalfPlan, { keepInterface }: Choice) {
    this.context = context;
    this.plan = plan;
    this.boundary = keepInterface ? "float32" : "float16";
    this.model = context.model;
    this.graph = context.model.graph;
  }

  edits(): readonly Edit[] {
    for (const [name, { tensor, stays }] of this.plan.weights) {
      this.convertWeight(name, tensor, stays);
    }
    for (const { name } of this.graph.inputs) {
      if (this.isFloat(name)) {
        this.join(name, { form: this.boundary, before: this.graph.nodes[0] });
      }
    }
    this.graph.nodes.forEach((node, position) => {
      const form: Form = this.plan.nodes.has(node) ? "float16" : "float32";
      node.outputs.forEach((name, index) => {
        if (name !== "" && !this.plan.weights.has(name) && this.isFloat(name)) {
          this.join(name, { form, before: this.graph.nodes[position + 1], maker: { node, index } });
        }
      });
    });
    if (this.boundary === "float16") {
      this.changes.push(this.interfaceAsHalf());
    }
    return [...this.changes, ...this.removals];
  }

  /** Makes both forms of a value available, as far as somebody reads them. */
  private join(name: string, made: Made): void {
    const isOutput = this.graph.outputs.some((output) => output.name === name);
    const wanted = isOutput ? this.boundary : made.form;
    const source = wanted === made.form ? name : this.fresh(name, made.form);
    const readers = this.readersOf(name);
    if (source !== name && made.maker !== undefined) {
      const { node, index } = made.maker;
      this.changes.push({ kind: "setOutput", graph: "", node: node.id, index, value: source });
      this.cast(source, name, wanted, made.before);
      this.redirect(readers[made.form], source);
    } else if (readers[other(wanted)].length > 0) {
      const copy = this.fresh(name, other(wanted));
      this.cast(name, copy, other(wanted), made.before);
      this.redirect(readers[other(wanted)], copy);
    }
    const info = this.graph.valueInfo.get(name);
    if (info !== undefined && wanted === "float16") {
      this.changes.push({
        kind: "setValueInfo",
        graph: "",
        name,
        info: changedInfo(info, { dtype: "float16" }),
      });
    }
  }

  private convertWeight(name: string, tensor: TensorRef, stays: boolean): void {
    const { graph } = this;
    const isStored = graph.initializers.has(name);
    const keepsName = isStored && !stays;
    const half: TensorRef = {
      name: keepsName ? name : this.fresh(name, "float16"),
      dtype: "float16",
      dims: tensor.dims,
      data: { kind: "derived", from: [tensor], kernel: "convertFloats", params: { saturate: true } },
    };
    if (keepsName) {
      this.changes.push({ kind: "dropTensor", graph: "", name });
    }
    this.changes.push({ kind: "putTensor", graph: "", tensor: half });
    if (!keepsName) {
      this.redirect(this.readersOf(name).float16, half.name);
    }
    const [constant] = indexOf(graph).makers.get(name);
    if (constant !== undefined && !stays) {
      this.removals.push(...remove(graph, constant));
    }
  }

  private readersOf(name: string): { readonly [form in Form]: readonly Read[] } {
    const reads = readsOf(this.graph, name);
    const isHalf = (read: Read) => readsHalf(this.graph, this.plan.nodes, read);
    return { float16: reads.filter(isHalf), float32: reads.filter((read) => !isHalf(read)) };
  }

  private redirect(reads: readonly Read[], value: string): void {
    for (const { graph, node, index } of reads) {
      this.changes.push({ kind: "setInput", graph: graph.path, node: node.id, index, value });
    }
  }

  private cast(from: string, to: string, form: Form, before: Node | undefined): void {
    const name = freshName(this.model, `${to}_Cast`, this.taken);
    this.taken.push(name);
    this.changes.push({
      kind: "addNode",
      graph: "",
      before: before?.id,
      node: {
        name,
        domain: "",
        opType: "Cast",
        inputs: [from],
        outputs: [to],
        attributes: new Map<string, Attribute>([["to", { type: "int", value: DTYPE_CODES[form] }]]),
        metadata: new Map(),
      },
    });
  }

  private interfaceAsHalf(): Edit {
    const half = (infos: Graph["inputs"]) =>
      infos.map((info) => (info.dtype === "float32" ? changedInfo(info, { dtype: "float16" }) : info));
    return {
      kind: "setInterface",
      graph: "",
      inputs: half(this.graph.inputs),
      outputs: half(this.graph.outputs),
    };
  }

  private isFloat(name: string): boolean {
    return this.context.inference.fact(this.graph, name).dtype === "float32";
  }

  private fresh(name: string, form: Form): string {
    const fresh = freshName(this.model, `${name}_${form}`, this.taken);
    this.taken.push(fresh);
    return fresh;
  }
}

/** Where a value comes from: its type there, and the node in front of which it is there for the first time. */
interface Made {
  readonly form: Form;
  readonly before: Node | undefined;
  readonly maker?: { readonly node: Node; readonly index: number };
}
