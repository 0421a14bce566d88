import { reshaped } from "../../analysis/attention/lift/reshape";
import { allGraphs } from "../../edit/graphs";
import type { Edit } from "../../edit/types";
import { type Expr, equal, symbolsOf } from "../../expr";
import type { Fact } from "../../facts/fact";
import type { Inference } from "../../infer/types";
import type { Graph, Node } from "../../model/types";
import { nameOf } from "../naming";
import { isStandard } from "../rewire";
import type { Task } from "./opening";
import type { SizeWriter } from "./sizes";
import { refusal } from "./verify";

interface At {
  readonly graph: Graph;
  readonly node: Node;
  readonly after: Inference;
}

/** Puts the open dim into what holds its old size: shapes of Reshape, Expand and Tile, and constants of one item. */
export class ShapeWriter {
  private readonly task: Task;
  private readonly sizes: SizeWriter;
  private readonly done = new Set<string>();
  private readonly bodies: ReadonlySet<Graph>;
  private merging: { readonly graph: string; readonly node: string } | undefined;

  constructor(task: Task, sizes: SizeWriter) {
    this.task = task;
    this.sizes = sizes;
    this.bodies = new Set(task.model.functions.map(({ graph }) => graph));
  }

  /** A Reshape that puts the items, of which the file has one, into an axis with something else, if there is one. */
  get mergesAt(): { readonly graph: string; readonly node: string } | undefined {
    return this.merging;
  }

  /** Edits for all nodes that by these facts do not make what they should; none when all do. */
  round(after: Inference): readonly Edit[] {
    return [...allGraphs(this.task.model)].flatMap((graph) =>
      graph.nodes.flatMap((node) => this.look({ graph, node, after })),
    );
  }

  private look(at: At): readonly Edit[] {
    const { node } = at;
    switch (true) {
      case isStandard(node, "Reshape"):
        return this.reshape(at);
      case isStandard(node, "Expand", "Tile"):
        return this.expand(at);
      case isStandard(node, "Concat"):
        return this.joined(at);
      case isStandard(node, "LSTM", "GRU", "RNN"):
        return this.states(at);
      default:
        return [];
    }
  }

  private reshape(at: At): readonly Edit[] {
    const { graph, node, after } = at;
    const [data = "", shape = ""] = node.inputs;
    const read = sizesIn(this.before(graph, data));
    const made = sizesIn(this.before(graph, node.outputs[0] ?? ""));
    const input = sizesIn(after.fact(graph, data));
    if (read === undefined || made === undefined || input?.length !== read.length || sameSizes(read, input)) {
      return [];
    }
    const wanted = reshaped({ read, made }, input);
    const elements = shape === "" ? intsOf(node, "shape") : after.fact(graph, shape).small;
    if (wanted === undefined) {
      if (elements?.every((element) => typeof element === "number") !== true) {
        return [];
      }
      throw this.refused(at, "it cannot be told which size of the new shape it is");
    }
    if (this.task.opening.size === 1 && wanted.some((size) => this.follows(size) && !this.isDim(size))) {
      this.merging = { graph: graph.path, node: nameOf(node) };
    }
    const now = after.fact(graph, node.outputs[0] ?? "").shape;
    if (now !== undefined && sameSizes(now, wanted)) {
      return [];
    }
    const keepsZeros = node.attributes.get("allowzero");
    const copies = keepsZeros?.type !== "int" || keepsZeros.value === 0;
    return this.write(at, shapeFor({ made, wanted, input, elements, copies }));
  }

  /** The size in a shape to expand to, where the data itself has one item. */
  private expand(at: At): readonly Edit[] {
    const { graph, node, after } = at;
    const { size } = this.task.opening;
    const [data = "", shape = ""] = node.inputs;
    const input = after.fact(graph, data).shape;
    const elements = this.before(graph, shape).small;
    if (input === undefined || elements?.every((element) => typeof element === "number") !== true) {
      return [];
    }
    const wanted = elements.map((element, position): Expr => {
      const own = input[position + input.length - elements.length];
      if (element !== size || size === 1) {
        return element!;
      }
      return own === 1 || own === undefined
        ? this.dim
        : this.follows(own) && node.opType === "Expand"
          ? 1
          : element;
    });
    return sameSizes(elements, wanted) ? [] : this.write(at, wanted);
  }

  /** Sizes beside the axis of Concat must be equal: a constant of one item is repeated for each. */
  private joined(at: At): readonly Edit[] {
    const { graph, node, after } = at;
    const shapes = node.inputs.map((input) => after.fact(graph, input).shape);
    const rank = shapes.find((shape) => shape !== undefined)?.length ?? 0;
    const attribute = node.attributes.get("axis");
    const given = attribute?.type === "int" ? attribute.value : 1;
    const joinedAxis = given < 0 ? given + rank : given;
    for (let axis = 0; axis < rank; axis++) {
      if (axis !== joinedAxis && shapes.some((shape) => this.isDim(shape?.[axis]))) {
        const single = shapes.flatMap((shape, index) => (shape?.[axis] === 1 ? [index] : []));
        if (single.length > 0) {
          return this.repeat(at, single, axis, rank);
        }
      }
    }
    return [];
  }

  private states(at: At): readonly Edit[] {
    const { graph, node, after } = at;
    const layout = node.attributes.get("layout");
    const isBatchFirst = layout?.type === "int" && layout.value === 1;
    if (!this.isDim(after.fact(graph, node.inputs[0] ?? "").shape?.[isBatchFirst ? 0 : 1])) {
      return [];
    }
    const axis = isBatchFirst ? 0 : 1;
    const single = [5, 6].filter((index) => after.fact(graph, node.inputs[index] ?? "").shape?.[axis] === 1);
    return single.length === 0 ? [] : this.repeat(at, single, axis, 3);
  }

  private repeat(at: At, indices: readonly number[], axis: number, rank: number): readonly Edit[] {
    const { graph, node } = at;
    if (this.task.opening.size !== 1) {
      return [];
    }
    this.demandOnce(at, `axis ${axis}`);
    const place = { graph, before: node.id };
    const wanted = Array.from({ length: rank }, (_, position): Expr => (position === axis ? this.dim : 1));
    const made = this.sizes.tensor(wanted, place, `${nameOf(node)}_repeats`)!;
    const edits = [...made.edits];
    for (const index of indices) {
      const input = node.inputs[index]!;
      const value = this.sizes.node(
        "Expand",
        [input, made.name],
        {},
        { ...place, wanted: `${input}_repeated` },
        edits,
      );
      edits.push({ kind: "setInput", graph: graph.path, node: node.id, index, value });
    }
    return edits;
  }

  private write(at: At, wanted: readonly Expr[]): readonly Edit[] {
    const { graph, node } = at;
    this.demandOnce(at, "shape");
    const place = { graph: graph.path, node: node.id };
    if (node.inputs.length < 2) {
      if (!wanted.every((size) => typeof size === "number")) {
        throw this.refused(at, "the shape that follows does not fit into an attribute");
      }
      return [{ kind: "setAttribute", ...place, name: "shape", value: { type: "ints", value: wanted } }];
    }
    const made = this.sizes.tensor(wanted, { graph, before: node.id }, `${nameOf(node)}_shape`);
    if (made === undefined) {
      throw this.refused(at, "the shape that follows cannot be written");
    }
    return [...made.edits, { kind: "setInput", ...place, index: 1, value: made.name }];
  }

  /** A shape that is wrong again after it was written would be written for ever. */
  private demandOnce(at: At, what: string): void {
    const key = `${at.node.id} ${what}`;
    if (this.bodies.has(rootOf(at.graph))) {
      throw this.refused(at, "the shape is inside of a function, which is called for other sizes too");
    }
    if (this.done.has(key)) {
      throw this.refused(at, "the sizes that meet there contradict each other");
    }
    this.done.add(key);
  }

  private refused({ graph, node }: At, reason: string) {
    return refusal(this.task, { graph: graph.path, node: nameOf(node) }, reason);
  }

  private before(graph: Graph, name: string): Fact {
    return this.task.before.fact(graph, name);
  }

  private get dim(): Expr {
    return this.task.dim;
  }

  private isDim(size: Expr | undefined): boolean {
    return size !== undefined && equal(size, this.dim);
  }

  private follows(size: Expr): boolean {
    return symbolsOf(size).has(this.task.opening.name);
  }
}

/** What a Reshape's tensor says to make `wanted`: 0 copies a size of the input, -1 takes what is left. */
function shapeFor({
  made,
  wanted,
  input,
  elements,
  copies,
}: {
  readonly made: readonly Expr[];
  readonly wanted: readonly Expr[];
  readonly input: readonly Expr[];
  readonly elements: readonly (Expr | undefined)[] | undefined;
  readonly copies: boolean;
}): readonly Expr[] {
  let isLeft = elements?.includes(-1) !== true;
  return wanted.map((size, at): Expr => {
    const element = elements?.[at];
    const own = input[at];
    if (element === -1 || (typeof size === "number" && equal(size, made[at]!))) {
      return element === -1 ? -1 : size;
    }
    if (copies && own !== undefined && equal(own, size)) {
      return 0;
    }
    if (isLeft) {
      isLeft = false;
      return -1;
    }
    return size;
  });
}

function intsOf(node: Node, name: string): readonly number[] | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.type === "ints" ? attribute.value : undefined;
}

function sizesIn({ shape }: Fact): readonly Expr[] | undefined {
  return shape?.every((size) => size !== undefined && size !== 0) ? (shape as readonly Expr[]) : undefined;
}

function sameSizes(a: readonly (Expr | undefined)[], b: readonly (Expr | undefined)[]): boolean {
  return (
    a.length === b.length &&
    a.every((size, axis) => {
      const other = b[axis];
      return size !== undefined && other !== undefined && equal(size, other);
    })
  );
}

function rootOf(graph: Graph): Graph {
  return graph.parent === undefined ? graph : rootOf(graph.parent);
}
