import type { Problem } from "../../protocol/problem";
import { orderOf, readNames } from "./order";
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
  const report = (node: Node | undefined, message: string, more: Partial<Problem> = {}) =>
    context.problem({
      severity: "error",
      code: "malformed",
      message,
      where: {
        file: context.file,
        graph: graph.path,
        ...(node === undefined ? {} : { node: labelOf(node) }),
      },
      ...more,
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

  for (const node of graph.nodes) {
    const never = node.inputs.filter(
      (input) => input !== "" && !made.has(input) && !given.has(input) && !knows(outer, input),
    );
    if (never.length > 0) {
      report(node, `${labelOf(node)} reads ${listed(never)}, which nothing makes.`);
    }
  }
  reportOrder(graph, report);
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
  report: (node: Node, message: string, more: Partial<Problem>) => void,
): void {
  const { early, blocked } = orderOf(graph);
  if (early === undefined) {
    return;
  }
  if (blocked.size === 0) {
    report(
      early,
      `The nodes are not in topological order, as ONNX demands: ${labelOf(early)} reads a value that a later node makes.`,
      { severity: "warning", hint: "onnxruntime sorts them itself; other readers may refuse the file." },
    );
    return;
  }
  const circle = [...nodesInCircles(blocked)];
  report(circle[0] ?? early, `The graph runs in a circle through ${listed(circle.map(labelOf))}.`, {
    hint: "onnxruntime refuses such a model; what these nodes and those behind them make stays unknown.",
  });
}

/** What remains of nodes that wait when those that nobody of them reads are taken away again and again. */
function nodesInCircles(blocked: ReadonlySet<Node>): ReadonlySet<Node> {
  const maker = new Map<string, Node>();
  for (const node of blocked) {
    for (const output of node.outputs) {
      maker.set(output, node);
    }
  }
  const sources = new Map<Node, ReadonlySet<Node>>();
  const readers = new Map<Node, number>();
  for (const node of blocked) {
    const own = new Set(
      readNames(node)
        .map((name) => maker.get(name))
        .filter((found) => found !== undefined),
    );
    sources.set(node, own);
    for (const source of own) {
      readers.set(source, (readers.get(source) ?? 0) + 1);
    }
  }
  const left = new Set(blocked);
  const unread = [...blocked].filter((node) => !readers.has(node));
  for (let node = unread.pop(); node !== undefined; node = unread.pop()) {
    left.delete(node);
    for (const source of sources.get(node) ?? []) {
      const others = (readers.get(source) ?? 0) - 1;
      readers.set(source, others);
      if (others === 0) {
        unread.push(source);
      }
    }
  }
  return left;
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}`;
}

function labelOf(node: Node): string {
  return node.name || `${node.opType} (${node.outputs[0] ?? "no output"})`;
}
