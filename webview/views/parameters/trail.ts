import type { TreemapNode } from "../../../src/protocol/engine";

/** Nodes from the root down along those labels, as far as they still exist: an edit may have taken some away. */
export function trailOf(root: TreemapNode, labels: readonly string[]): readonly TreemapNode[] {
  const trail = [root];
  for (const label of labels) {
    const next = trail.at(-1)!.children.find((child) => child.label === label);
    if (next === undefined) {
      break;
    }
    trail.push(next);
  }
  return trail;
}

/** Labels that lead from a node to one below it, without the first; undefined when it is not below. */
export function labelsTo(from: TreemapNode, to: TreemapNode): readonly string[] | undefined {
  for (const child of from.children) {
    if (child === to) {
      return [child.label];
    }
    const rest = labelsTo(child, to);
    if (rest !== undefined) {
      return [child.label, ...rest];
    }
  }
  return undefined;
}
