import { allGraphs } from "../../edit/graphs";
import type { Edit } from "../../edit/types";
import { type Expr, equal } from "../../expr";
import type { Fact } from "../../facts/fact";
import type { Inference } from "../../infer/types";
import type { Graph, Node } from "../../model/types";
import { nameOf } from "../naming";
import { isStandard } from "../rewire";
import { Follower } from "./follow";
import { type At, Guard } from "./guard";
import { ALIGNED, ItemWriter } from "./items";
import type { Task } from "./opening";
import type { SizeWriter } from "./sizes";

/** Puts the open dim into what holds its old size: shapes of Reshape, Expand and Tile, and constants of items. */
export class ShapeWriter {
  private readonly task: Task;
  private readonly sizes: SizeWriter;
  private readonly follower: Follower;
  private readonly guard: Guard;
  private readonly items: ItemWriter;
  private merging: { readonly graph: string; readonly node: string } | undefined;

  constructor(task: Task, sizes: SizeWriter) {
    this.task = task;
    this.sizes = sizes;
    this.follower = new Follower({ ...task.opening, dim: task.dim });
    this.guard = new Guard(task);
    this.items = new ItemWriter(task, sizes, this.guard);
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
        return this.items.joined(at);
      case isStandard(node, "LSTM", "GRU", "RNN"):
        return this.items.states(at);
      case isStandard(node, ...ALIGNED):
        return this.items.aligned(at);
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
      throw this.guard.refused(at, "it cannot be told which size of the new shape it is");
    }
    if (
      this.task.opening.size === 1 &&
      wanted.some((size) => this.guard.follows(size) && !this.guard.isDim(size))
    ) {
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
    const constant = node.opType === "Expand" ? this.items.expanded(at) : [];
    if (constant.length > 0) {
      return constant;
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
        ? this.task.dim
        : this.guard.follows(own) && node.opType === "Expand"
          ? 1
          : element;
    });
    return sameSizes(elements, wanted) ? [] : this.write(at, wanted);
  }

  private write(at: At, wanted: readonly Expr[]): readonly Edit[] {
    const { graph, node } = at;
    this.guard.demandOnce(at, "shape");
    const place = { graph: graph.path, node: node.id };
    if (node.inputs.length < 2) {
      if (!wanted.every((size) => typeof size === "number")) {
        throw this.guard.refused(at, "the shape that follows does not fit into an attribute");
      }
      return [{ kind: "setAttribute", ...place, name: "shape", value: { type: "ints", value: wanted } }];
    }
    const made = this.sizes.tensor(wanted, { graph, before: node.id }, `${nameOf(node)}_shape`);
    if (made === undefined) {
      throw this.guard.refused(at, "the shape that follows cannot be written");
    }
    return [...made.edits, { kind: "setInput", ...place, index: 1, value: made.name }];
  }

  private before(graph: Graph, name: string): Fact {
    return this.task.before.fact(graph, name);
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
