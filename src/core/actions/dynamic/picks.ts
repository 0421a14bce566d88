import { allGraphs } from "../../edit/graphs";
import { type Expr, equal, symbolsOf } from "../../expr";
import type { Inference } from "../../infer/types";
import type { Graph, Node } from "../../model/types";
import { fixedTensor } from "../constantResult";
import { nameOf } from "../naming";
import { isStandard } from "../rewire";
import type { Task } from "./opening";

/**
 * A node that takes fixed positions out of an axis that the opened dim has a part in. All shapes agree when the file's
 * size changes, and yet the node may no longer take what was meant: of a batch it takes one item for all, of a length the
 * element that was the last one. The first position and those counted from the end are what they were, unless items are picked.
 */
export function fixedPick(
  task: Task,
  after: Inference,
): { readonly graph: string; readonly node: string } | undefined {
  for (const graph of allGraphs(task.model)) {
    const node = graph.nodes.find((one) => pickedAtFixed(task, after, graph, one));
    if (node !== undefined) {
      return { graph: graph.path, node: nameOf(node) };
    }
  }
  return undefined;
}

function pickedAtFixed(task: Task, after: Inference, graph: Graph, node: Node): boolean {
  const data = after.fact(graph, node.inputs[0] ?? "").shape;
  if (data === undefined || !data.some((size) => follows(task, size))) {
    return false;
  }
  return isStandard(node, "Gather")
    ? gathers(task, after, graph, node, data)
    : isStandard(node, "Slice") && slices(task, after, graph, node, data);
}

function gathers(
  task: Task,
  after: Inference,
  graph: Graph,
  node: Node,
  data: readonly (Expr | undefined)[],
): boolean {
  const attribute = node.attributes.get("axis");
  const size = data.at(attribute?.type === "int" ? attribute.value : 0);
  const name = node.inputs[1] ?? "";
  const { small } = after.fact(graph, name);
  const isFixed =
    small?.every((element) => typeof element === "number") ?? fixedTensor(graph, name) !== undefined;
  return follows(task, size) && isFixed && !(isLength(task, size) && small?.every(isAnchored) === true);
}

function slices(
  task: Task,
  after: Inference,
  graph: Graph,
  node: Node,
  data: readonly (Expr | undefined)[],
): boolean {
  const made = after.fact(graph, node.outputs[0] ?? "").shape;
  return data.some((size, axis) => {
    const left = made?.[axis];
    if (!follows(task, size) || (left !== undefined && equal(left, size!))) {
      return false;
    }
    // What is left of a length is a number (the first, or the last ones) or less by one.
    const isCut = left === undefined || left === task.opening.size || left === task.opening.size - 1;
    return !isLength(task, size) || isCut || [...symbolsOf(left)].some((name) => name !== task.opening.name);
  });
}

const isAnchored = (element: Expr | undefined) => typeof element === "number" && element <= 0;

/** A length: the opened dim as it is, and not that of a batch. */
function isLength({ opening, dim }: Task, size: Expr | undefined): boolean {
  return opening.axis > 0 && size !== undefined && equal(size, dim);
}

function follows({ opening }: Task, size: Expr | undefined): boolean {
  return size !== undefined && symbolsOf(size).has(opening.name);
}
