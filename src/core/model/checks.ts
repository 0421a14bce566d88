import type { ReadContext } from "./readContext";
import { subgraphsOf } from "./subgraphs";
import type { Graph, Model, Node } from "./types";

/**
 * Looks for what makes a graph contradict itself: a value made twice, read but never made, read before it is made, or
 * in a circle. Each is a Problem that names the node; the model stays usable.
 */
export function checkGraphs(context: ReadContext, model: Model): void {
  checkGraph(context, model.graph, undefined);
  for (const definition of model.functions) {
    checkGraph(context, definition.graph, undefined);
  }
}

/** Names that a graph inside may read. A chain, since copying the names for every branch would take for ever. */
interface Names {
  readonly given: ReadonlySet<string>;
  readonly made: ReadonlySet<string>;
  readonly outer: Names | undefined;
}

function knows(names: Names | undefined, value: string): boolean {
  for (let at = names; at !== undefined; at = at.outer) {
    if (at.given.has(value) || at.made.has(value)) {
      return true;
    }
  }
  return false;
}

function checkGraph(context: ReadContext, graph: Graph, outer: Names | undefined): void {
  const made = new Set<string>();
  const report = (node: Node | undefined, message: string) =>
    context.problem({
      severity: "error",
      code: "malformed",
      message,
      where: {
        file: context.file,
        graph: graph.path,
        ...(node === undefined ? {} : { node: labelOf(node) }),
      },
    });

  const given = new Set<string>([...graph.initializers.keys(), ...graph.inputs.map(({ name }) => name)]);
  for (const node of graph.nodes) {
    for (const output of node.outputs) {
      if (output === "") {
        continue;
      }
      if (made.has(output) || given.has(output)) {
        report(node, `Value ${output} is made more than once; ${labelOf(node)} makes it again.`);
      }
      made.add(output);
    }
  }

  const available = new Set<string>();
  const early: Node[] = [];
  for (const node of graph.nodes) {
    const missing = node.inputs.filter(
      (input) => input !== "" && !available.has(input) && !given.has(input) && !knows(outer, input),
    );
    const never = missing.filter((input) => !made.has(input));
    if (never.length > 0) {
      const names = `${never.slice(0, 5).join(", ")}${never.length > 5 ? ", …" : ""}`;
      report(node, `${labelOf(node)} reads ${names}, which nothing makes.`);
    }
    if (missing.length > never.length) {
      early.push(node);
    }
    for (const output of node.outputs) {
      available.add(output);
    }
  }
  if (early.length > 0) {
    reportOrder(graph, early, report);
  }
  for (const { name } of graph.outputs) {
    if (!made.has(name) && !given.has(name) && !knows(outer, name)) {
      report(undefined, `Graph output ${name} is made by nothing.`);
    }
  }

  const inside: Names = { given, made, outer };
  for (const node of graph.nodes) {
    for (const subgraph of subgraphsOf(node)) {
      checkGraph(context, subgraph, inside);
    }
  }
}

/** Nodes that read too early are either written in the wrong order or stand in a circle. */
function reportOrder(
  graph: Graph,
  early: readonly Node[],
  report: (node: Node, message: string) => void,
): void {
  const circle = nodesInCircles(graph);
  if (circle.size > 0) {
    const names = [...circle].slice(0, 5).map(labelOf).join(", ");
    report([...circle][0]!, `The graph runs in a circle through ${names}${circle.size > 5 ? ", …" : ""}.`);
    return;
  }
  report(
    early[0]!,
    `The nodes are not in topological order, as ONNX demands: ${labelOf(early[0]!)} reads a value that a later node makes.`,
  );
}

/** What remains when nodes whose inputs are all there are taken away again and again, from both ends. */
function nodesInCircles(graph: Graph): Set<Node> {
  const maker = new Map<string, Node>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) {
      maker.set(output, node);
    }
  }
  const waiting = new Map<Node, number>();
  const readers = new Map<Node, Node[]>();
  for (const node of graph.nodes) {
    const makers = new Set(
      node.inputs.map((input) => maker.get(input)).filter((found) => found !== undefined),
    );
    waiting.set(node, makers.size);
    for (const found of makers) {
      const list = readers.get(found) ?? [];
      list.push(node);
      readers.set(found, list);
    }
  }
  const ready = graph.nodes.filter((node) => waiting.get(node) === 0);
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    waiting.delete(node);
    for (const reader of readers.get(node) ?? []) {
      const left = waiting.get(reader)! - 1;
      waiting.set(reader, left);
      if (left === 0) {
        ready.push(reader);
      }
    }
  }
  return new Set(waiting.keys());
}

function labelOf(node: Node): string {
  return node.name || `${node.opType} (${node.outputs[0] ?? "no output"})`;
}
