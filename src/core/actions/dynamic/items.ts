import type { Edit } from "../../edit/types";
import type { Expr } from "../../expr";
import type { Dim } from "../../facts/fact";
import { fixedTensor } from "../constantResult";
import { nameOf } from "../naming";
import { firstOfAlike } from "./alike";
import type { At, Guard } from "./guard";
import type { Task } from "./opening";
import type { SizeWriter } from "./sizes";

/** Operators that lay their operands against each other from the last axis. */
export const ALIGNED = ["Add", "Sub", "Mul", "Div", "And", "Or", "Where", "Min", "Max", "Pow"];

/** Constants that hold an item for each of the batch, all alike, as exporters of a fixed batch write them. */
export class ItemWriter {
  private readonly task: Task;
  private readonly sizes: SizeWriter;
  private readonly guard: Guard;
  /** Names of stored items; undefined for constants whose items differ. */
  private readonly stored = new Map<string, string | undefined>();

  constructor(task: Task, sizes: SizeWriter, guard: Guard) {
    this.task = task;
    this.sizes = sizes;
    this.guard = guard;
  }

  /** A constant that Expand makes as many of as the open dim says. */
  expanded(at: At): readonly Edit[] {
    const { graph, node, after } = at;
    const [data = "", shape = ""] = node.inputs;
    const input = after.fact(graph, data).shape ?? [];
    const target = after.fact(graph, shape).small;
    const axis = this.fixedAxis(input, [target]);
    return axis < 0 ? [] : this.single(at, 0, axis, data);
  }

  /** A constant that is laid against a tensor with the open dim. */
  aligned(at: At): readonly Edit[] {
    const { graph, node, after } = at;
    const shapes = node.inputs.map((input) => after.fact(graph, input).shape);
    return node.inputs.flatMap((input, index): readonly Edit[] => {
      const axis = this.fixedAxis(shapes[index] ?? [], shapes);
      return axis < 0 ? [] : this.single(at, index, axis, input);
    });
  }

  /** The axis of several items at which another shape, counted from the end, has the open dim; -1 where there is none. */
  private fixedAxis(shape: readonly Dim[], others: readonly (readonly Dim[] | undefined)[]): number {
    const { size } = this.task.opening;
    return size === 1
      ? -1
      : shape.findIndex(
          (own, axis) =>
            own === size &&
            others.some((other) => this.guard.isDim(other?.[axis - shape.length + other.length])),
        );
  }

  /** Sizes beside the axis of Concat must be equal: a constant of one item is repeated for each. */
  joined(at: At): readonly Edit[] {
    const { graph, node, after } = at;
    const shapes = node.inputs.map((input) => after.fact(graph, input).shape);
    const rank = shapes.find((shape) => shape !== undefined)?.length ?? 0;
    const attribute = node.attributes.get("axis");
    const given = attribute?.type === "int" ? attribute.value : 1;
    const joinedAxis = given < 0 ? given + rank : given;
    for (let axis = 0; axis < rank; axis++) {
      if (axis !== joinedAxis && shapes.some((shape) => this.guard.isDim(shape?.[axis]))) {
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

  /** What a recurrent layer starts with is one for each of the batch. */
  states(at: At): readonly Edit[] {
    const { graph, node, after } = at;
    const layout = node.attributes.get("layout");
    const isBatchFirst = layout?.type === "int" && layout.value === 1;
    if (!this.guard.isDim(after.fact(graph, node.inputs[0] ?? "").shape?.[isBatchFirst ? 0 : 1])) {
      return [];
    }
    const axis = isBatchFirst ? 0 : 1;
    const { size } = this.task.opening;
    const fixed = [5, 6].filter(
      (index) => after.fact(graph, node.inputs[index] ?? "").shape?.[axis] === size,
    );
    return fixed.length === 0 ? [] : this.repeat(at, fixed, axis, 3);
  }

  /** Puts one item of a constant in the place of many that are alike; nothing where they are not. */
  private single(at: At, index: number, axis: number, input: string): readonly Edit[] {
    const { graph, node } = at;
    const edits: Edit[] = [];
    const value = this.item(at, input, axis, edits);
    return value === undefined
      ? []
      : [...edits, { kind: "setInput", graph: graph.path, node: node.id, index, value }];
  }

  private repeat(at: At, indices: readonly number[], axis: number, rank: number): readonly Edit[] {
    const { graph, node } = at;
    this.guard.demandOnce(at, `axis ${axis}`);
    const place = { graph, before: node.id };
    const wanted = Array.from(
      { length: rank },
      (_, position): Expr => (position === axis ? this.task.dim : 1),
    );
    const edits: Edit[] = [];
    const items = indices.map((index) => this.item(at, node.inputs[index]!, axis, edits));
    if (items.includes(undefined)) {
      return [];
    }
    const made = this.sizes.tensor(wanted, place, `${nameOf(node)}_repeats`)!;
    edits.push(...made.edits);
    for (const [position, index] of indices.entries()) {
      const input = node.inputs[index]!;
      const value = this.sizes.node(
        "Expand",
        [items[position]!, made.name],
        {},
        { ...place, wanted: `${input}_repeated` },
        edits,
      );
      edits.push({ kind: "setInput", graph: graph.path, node: node.id, index, value });
    }
    return edits;
  }

  /** One item of an input; undefined where it has several that differ. */
  private item({ graph }: At, input: string, axis: number, edits: Edit[]): string | undefined {
    if (this.task.opening.size === 1) {
      return input;
    }
    const key = `${graph.path} ${input} ${axis}`;
    if (!this.stored.has(key)) {
      const tensor = this.guard.isInFunction(graph) ? undefined : fixedTensor(graph, input);
      const first = tensor && firstOfAlike(tensor, axis, this.task.reader);
      this.stored.set(key, first && this.sizes.store(first, graph, `${input}_item`, edits));
    }
    return this.stored.get(key);
  }
}
