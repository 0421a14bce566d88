import type { Where } from "../../../src/protocol/problem";

/** A place in a file or graph, its known parts in a row. */
export function whereText(where: Where | undefined): string {
  if (where === undefined) {
    return "";
  }
  const { file, offset, graph, node, tensor } = where;
  return [
    file,
    offset === undefined ? undefined : `byte ${offset}`,
    graph === undefined || graph === "" ? undefined : `graph ${graph}`,
    node === undefined ? undefined : `node ${node}`,
    tensor === undefined ? undefined : `tensor ${tensor}`,
  ]
    .filter((part) => part !== undefined)
    .join(" · ");
}
