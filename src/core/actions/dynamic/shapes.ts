import { allGraphs } from "../../edit/graphs";
import type { Edit } from "../../edit/types";
import { type Expr, equal, symbolsOf } from "../../expr";
import type { Fact } from "../../facts/fact";
import type { Inference } from "../../infer/types";
import type { Graph, Node } from "../../model/types";
import { fixedTensor } from "../constantResult";
import { nameOf } from "../naming";
import { isStandard } from "../rewire";
import { firstOfAlike } from "./alike";
import { Follower } from "./follow";
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
  private readonly follower: Follower;
  private readonly written = new Map<string, string | undefined>();
  private readonly done = new Set<string>();
  private readonly bodies: ReadonlySet<Graph>;
  private merging: { readonly graph: string; readonly node: string } | undefined;

  constructor(task: Task, sizes: SizeWriter) {
    this.task = task;
    this.sizes = sizes;
    this.follower = new Follower({ ...task.opening, dim: task.dim });
    this.bodies = new Set(task.model.functions.map(({ graph }) => graph));
  }

  /** A Reshape that puts the items, of which the file has one, into an axis with something else, if there is one. */
  get mergesAt(): { readonly graph: string; readonly node: string } | undefined {
    return this.merging;
  }

  /** Edits for nodes that by these facts do not make what they should; none when all do. */
  round(after: Inference): readonly Edit[] {
    const edits: Edit[] = [];
    // What is behind a node that changes is known in the next round.
    const stale = new Set<string>();
    for (const graph of allGraphs(this.task.model)) {
      for (const node of graph.nodes) {
        const isStale = node.inputs.some((input) => stale.has(input));
        const own = isStale ? [] : this.look({ graph, node, after });
        edits.push(...own);
        if (isStale || own.length > 0) {
          for (const output of node.outputs.filter((name) => name !== "")) {
            stale.add(output);
          }
        }
      }
    }
    return edits;
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
      case isStandard(node, ...BROADCAST):
        return this.broadcast(at);
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
    const wanted = this.follower.follow({ read, made, input });
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
    if (node.opType === "Expand" && input !== undefined) {
      const target = after.fact(graph, shape).small;
      const axis = input.findIndex(
        (size, position) =>
          size === this.task.opening.size &&
          size !== 1 &&
          this.isDim(target?.[position - input.length + target.length]),
      );
      const edits = axis < 0 ? [] : this.single(at, 0, axis, data);
      if (edits.length > 0) {
        return edits;
      }
    }
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

  /** A constant with the size in it that is expanded to the open dim, or laid against it. */
  private broadcast(at: At): readonly Edit[] {
    const { graph, node, after } = at;
    const shapes = node.inputs.map((input) => after.fact(graph, input).shape);
    return node.inputs.flatMap((input, index): readonly Edit[] => {
      const shape = shapes[index];
      const axis = shape?.findIndex(
        (size, position) =>
          size === this.task.opening.size &&
          size !== 1 &&
          shapes.some((other) => this.isDim(other?.[position - shape.length + other.length])),
      );
      return axis === undefined || axis < 0 ? [] : this.single(at, index, axis, input);
    });
  }

  /** Puts one item of a constant in the place of many that are alike; nothing where they are not. */
  private single({ graph, node }: At, index: number, axis: number, input: string): readonly Edit[] {
    const key = `${graph.path} ${input} ${axis}`;
    const edits: Edit[] = [];
    if (!this.written.has(key)) {
      const tensor = this.bodies.has(rootOf(graph)) ? undefined : fixedTensor(graph, input);
      const first = tensor && firstOfAlike(tensor, axis, this.task.reader);
      const name = first && this.sizes.store(first, graph, `${input}_item`, edits);
      this.written.set(key, name);
    }
    const value = this.written.get(key);
    return value === undefined
      ? []
      : [...edits, { kind: "setInput", graph: graph.path, node: node.id, index, value }];
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
        const fixed = shapes.flatMap((shape, index) =>
          shape?.[axis] === this.task.opening.size ? [index] : [],
        );
        if (fixed.length > 0) {
          return this.repeat(at, fixed, axis, rank);
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
    const { size } = this.task.opening;
    const fixed = [5, 6].filter(
      (index) => after.fact(graph, node.inputs[index] ?? "").shape?.[axis] === size,
    );
    return fixed.length === 0 ? [] : this.repeat(at, fixed, axis, 3);
  }

  private repeat(at: At, indices: readonly number[], axis: number, rank: number): readonly Edit[] {
    const { graph, node } = at;
    this.demandOnce(at, `axis ${axis}`);
    const place = { graph, before: node.id };
    const wanted = Array.from({ length: rank }, (_, position): Expr => (position === axis ? this.dim : 1));
    const made = this.sizes.tensor(wanted, place, `${nameOf(node)}_repeats`)!;
    const edits = [...made.edits];
    for (const index of indices) {
      const input = node.inputs[index]!;
      const item = this.task.opening.size === 1 ? input : this.item(at, input, axis, edits);
      if (item === undefined) {
        return [];
      }
      const value = this.sizes.node(
        "Expand",
        [item, made.name],
        {},
        { ...place, wanted: `${input}_repeated` },
        edits,
      );
      edits.push({ kind: "setInput", graph: graph.path, node: node.id, index, value });
    }
    return edits;
  }

  private item({ graph }: At, input: string, axis: number, edits: Edit[]): string | undefined {
    const tensor = fixedTensor(graph, input);
    const first = tensor && firstOfAlike(tensor, axis, this.task.reader);
    return first && this.sizes.store(first, graph, `${input}_item`, edits);
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

/** Operators that lay their operands against each other from the last axis. */
const BROADCAST = ["Add", "Sub", "Mul", "Div", "And", "Or", "Where", "Min", "Max", "Pow"];

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
