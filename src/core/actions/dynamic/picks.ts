import { allGraphs } from "../../edit/graphs";
import { type Expr, equal, symbolsOf } from "../../expr";
import type { Inference } from "../../infer/types";
import type { Graph, Node } from "../../model/types";
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
    const fixed = fixedValues(after, graph);
    const node = graph.nodes.find((one) => pickedAtFixed(task, after, graph, one, fixed));
    if (node !== undefined) {
      return { graph: graph.path, node: nameOf(node) };
    }
  }
  return undefined;
}

function pickedAtFixed(
  task: Task,
  after: Inference,
  graph: Graph,
  node: Node,
  fixed: ReadonlySet<string>,
): boolean {
  const data = after.fact(graph, node.inputs[0] ?? "").shape;
  if (data === undefined || !data.some((size) => follows(task, size))) {
    return false;
  }
  const indices = node.inputs[1] ?? "";
  switch (true) {
    case isStandard(node, "Gather"):
      return fixed.has(indices) && gathers(task, after, graph, node, data);
    case isStandard(node, "GatherND", "GatherElements", "ScatterND", "ScatterElements"):
      return fixed.has(indices);
    default:
      return isStandard(node, "Slice") && slices(task, after, graph, node, data);
  }
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
  const { small } = after.fact(graph, node.inputs[1] ?? "");
  return follows(task, size) && !(isLength(task, size) && small?.every(isAnchored) === true);
}

/** Values that are the same in every run and at every size of the dim. */
function fixedValues(after: Inference, graph: Graph): ReadonlySet<string> {
  const fixed = new Set<string>();
  for (let at: Graph | undefined = graph; at !== undefined; at = at.parent) {
    for (const name of at.initializers.keys()) {
      fixed.add(name);
    }
    for (const node of at.nodes) {
      const isFixed =
        node.inputs.length > 0 || node.opType === "Constant"
          ? node.inputs.every((input) => input === "" || fixed.has(input))
          : false;
      for (const output of node.outputs) {
        const { small } = after.fact(at, output);
        if (isFixed || small?.every((element) => typeof element === "number") === true) {
          fixed.add(output);
        }
      }
    }
  }
  return fixed;
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
