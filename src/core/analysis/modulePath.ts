import { graphsIn } from "../model/subgraphs";
import type { Graph, Model, Node } from "../model/types";

const NAME_SCOPES = "pkg.torch.onnx.name_scopes";

/**
 * The module of every node as a dotted path ("bert.encoder.layer.0.attention"), "" where none is known. By order of
 * trust: the scopes that PyTorch's exporter writes; a name with slashes, of the node or of what it makes; the module
 * that all readers of its outputs share. Nodes of a subgraph that say nothing of their own lie below their owner.
 */
export function modulePaths(model: Model): ReadonlyMap<Node, string> {
  const paths = new Map<Node, string>();
  const visit = (graph: Graph, inherited: string): void => {
    for (const node of graph.nodes) {
      paths.set(node, ownPath(node));
    }
    fillFromReaders(graph, paths);
    for (const node of graph.nodes) {
      const path = paths.get(node) || inherited;
      paths.set(node, path);
      for (const [name, attribute] of node.attributes) {
        for (const inner of graphsIn(attribute)) {
          visit(inner, joined(path, `${labelOf(node)}.${name}`));
        }
      }
    }
  };
  visit(model.graph, "");
  for (const { domain, name, graph } of model.functions) {
    visit(graph, joined("functions", plain(domain === "" ? name : `${domain}::${name}`)));
  }
  return paths;
}

function ownPath(node: Node): string {
  const scopes = node.metadata.get(NAME_SCOPES);
  if (scopes !== undefined) {
    return fromScopes(scopes);
  }
  const named = [node.name, ...node.outputs].find((name) => name.startsWith("/"));
  return named === undefined
    ? ""
    : named
        .split("/")
        .slice(1, -1)
        .filter((part) => part !== "")
        .join(".");
}

/** The exporter writes a Python list, outermost scope first, the operation itself last: the scope before it counts. */
function fromScopes(text: string): string {
  const scopes = [...text.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)].map(
    ([, single, double]) => single ?? double ?? "",
  );
  const scope = scopes.at(-2) ?? "";
  return scope.startsWith("_empty_nn_module") ? "" : scope;
}

/** Constants and shape arithmetic have no name of their own: they belong to whom they serve. */
function fillFromReaders(graph: Graph, paths: Map<Node, string>): void {
  const shared = new Map<string, string>();
  for (let index = graph.nodes.length - 1; index >= 0; index--) {
    const node = graph.nodes[index]!;
    let path = paths.get(node)!;
    if (path === "") {
      const known = node.outputs.map((output) => shared.get(output)).filter((found) => found !== undefined);
      path = known.length === 0 ? "" : known.reduce(commonPath);
      paths.set(node, path);
    }
    for (const input of node.inputs) {
      const before = shared.get(input);
      shared.set(input, before === undefined ? path : commonPath(before, path));
    }
  }
}

function commonPath(a: string, b: string): string {
  if (a === b) {
    return a;
  }
  const left = a.split(".");
  const right = b.split(".");
  let same = 0;
  while (same < left.length && left[same] === right[same]) {
    same++;
  }
  return left.slice(0, same).join(".");
}

function joined(path: string, rest: string): string {
  return path === "" ? rest : `${path}.${rest}`;
}

function labelOf(node: Node): string {
  const name = node.name || node.outputs.find((output) => output !== "") || node.opType;
  return plain(name.slice(name.lastIndexOf("/") + 1));
}

/** Dots separate modules. */
function plain(name: string): string {
  return name.replaceAll(".", "_");
}
