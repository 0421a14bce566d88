import { indexOf } from "../edit/graphIndex";
import { isGivenOut, readsOf } from "../edit/graphs";
import type { Edit } from "../edit/types";
import type { Graph, Node } from "../model/types";

/** Everybody who reads `from`, in graphs inside this one too, reads `to`. */
export function readInstead(graph: Graph, from: string, to: string): readonly Edit[] {
  return readsOf(graph, from).map(
    ({ graph: home, node, index }): Edit => ({
      kind: "setInput",
      graph: home.path,
      node: node.id,
      index,
      value: to,
    }),
  );
}

/** The file no longer says what the types of these values are. */
export function undeclare(graph: Graph, names: readonly string[]): readonly Edit[] {
  return names
    .filter((name) => graph.valueInfo.has(name))
    .map((name): Edit => ({ kind: "setValueInfo", graph: graph.path, name, info: undefined }));
}

export function remove(graph: Graph, node: Node): readonly Edit[] {
  return [{ kind: "removeNode", graph: graph.path, node: node.id }, ...undeclare(graph, node.outputs)];
}

/** The one node of the graph itself that makes a value. */
export function makerOf(graph: Graph, value: string): Node | undefined {
  const makers = value === "" ? [] : indexOf(graph).makers.get(value);
  return makers.length === 1 ? makers[0] : undefined;
}

/** Takes a node out of which only `reader`, which no longer needs it, reads something. */
export function removeIfOnlyReadBy(graph: Graph, node: Node, reader: Node): readonly Edit[] {
  const isNeeded = node.outputs.some(
    (output) =>
      output !== "" &&
      (isGivenOut(graph, output) || readsOf(graph, output).some((read) => read.node !== reader)),
  );
  return isNeeded ? [] : remove(graph, node);
}

/** True for an operator of the ONNX standard. */
export function isStandard(node: Node, ...names: readonly string[]): boolean {
  return node.domain === "" && names.includes(node.opType);
}

/**
 * Takes a node out whose output holds what `source` holds. Where the graph gives the output out, whoever makes
 * `source` makes the output instead, which takes a maker in the same graph whose value is not given out as well.
 *
 * @returns undefined when that is not possible
 */
export function bypass(graph: Graph, node: Node, source: string): readonly Edit[] | undefined {
  const output = node.outputs[0] ?? "";
  if (!graph.outputs.some(({ name }) => name === output)) {
    return isGivenOut(graph, output)
      ? undefined
      : [...readInstead(graph, output, source), ...remove(graph, node)];
  }
  const maker = makerOf(graph, source);
  if (maker === undefined || isGivenOut(graph, source)) {
    return undefined;
  }
  const others = readInstead(graph, source, output).filter(
    (edit) => edit.kind !== "setInput" || edit.node !== node.id,
  );
  return [
    ...remove(graph, node),
    {
      kind: "setOutput",
      graph: graph.path,
      node: maker.id,
      index: maker.outputs.indexOf(source),
      value: output,
    },
    ...others,
    ...undeclare(graph, [source]),
  ];
}
