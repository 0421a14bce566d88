import type { Graph, Node } from "../../../core/model/types";
import { aliasesOf, isMover } from "./aliases";
import { append } from "./lists";
import type { OriginalGraph } from "./original";

/** The original nodes whose work a node of the graph that ran does. */
export interface Cover {
  readonly nodes: readonly Node[];
  /**
   * - work: it does the whole work of these nodes, and nothing else
   * - helper: it only brings a value into another form for them
   * - name: only its name says so, and it may do other nodes' work as well
   */
  readonly how: "work" | "helper" | "name";
}

/** Their result says nothing about where the content of their input is worked out. */
const SHAPE_READERS: ReadonlySet<string> = new Set(["Shape", "Size"]);

/**
 * What each node of the graph that ran covers. A fused kernel keeps the names of the values at its edges, so the
 * original graph is walked back from its outputs until values that the other kernels make. Kernels that are linked by
 * values unknown to the original (the parts of an inlined function) cover together. A conversion that gives back an
 * original value belongs to its maker, any other one to whoever reads what it makes.
 */
export function coversOf(
  original: OriginalGraph,
  ran: Graph,
  same: (node: Node) => Node | undefined,
): ReadonlyMap<Node, Cover> {
  return new Covers(original, ran, same).all();
}

class Covers {
  private readonly original: OriginalGraph;
  private readonly ran: Graph;
  private readonly same: (node: Node) => Node | undefined;
  private readonly aliases: ReadonlyMap<string, string>;
  /** Values of the graph that ran, by the original one that they stand for. */
  private readonly forms = new Map<string, string[]>();
  private readonly makers = new Map<string, Node>();
  private readonly readers = new Map<string, Node[]>();
  private readonly covers = new Map<Node, Cover>();

  constructor(original: OriginalGraph, ran: Graph, same: (node: Node) => Node | undefined) {
    this.original = original;
    this.ran = ran;
    this.same = same;
    this.aliases = aliasesOf(original, ran, same);
    for (const node of ran.nodes) {
      for (const output of node.outputs) {
        this.makers.set(output, node);
      }
      for (const input of new Set(node.inputs)) {
        append(this.readers, input, node);
      }
    }
    for (const [value, alias] of this.aliases) {
      append(this.forms, alias, value);
    }
  }

  all(): ReadonlyMap<Node, Cover> {
    const helpers: Node[] = [];
    const fused: Node[] = [];
    for (const node of this.ran.nodes) {
      const itself = this.unchanged(node);
      if (itself !== undefined) {
        this.covers.set(node, { nodes: [itself], how: "work" });
      } else if (this.isHelper(node)) {
        helpers.push(node);
      } else {
        fused.push(node);
      }
    }
    for (const cluster of this.clusters(fused)) {
      const nodes = this.walkBack(cluster);
      for (const node of cluster) {
        this.covers.set(
          node,
          nodes.length > 0 ? { nodes, how: "work" } : this.original.coverByName(node.name),
        );
      }
    }
    for (const node of helpers) {
      this.covers.set(node, { nodes: this.helped(node, new Set()), how: "helper" });
    }
    return this.covers;
  }

  /** The original node, when operator and outputs are its own: what it reads may be folded or converted. */
  private unchanged(node: Node): Node | undefined {
    const outputs = node.outputs.filter((output) => output !== "");
    const maker = outputs.length === 0 ? undefined : this.original.maker(outputs[0]!);
    if (maker !== undefined) {
      return maker.opType === node.opType && outputs.every((output) => maker.outputs.includes(output))
        ? maker
        : undefined;
    }
    return this.same(node);
  }

  private isHelper(node: Node): boolean {
    const alias = this.aliases.get(node.outputs[0] ?? "");
    return isMover(node) && alias !== undefined && alias === this.aliases.get(node.inputs[0] ?? "");
  }

  private helped(node: Node, seen: Set<Node>): readonly Node[] {
    if (seen.has(node)) {
      return [];
    }
    seen.add(node);
    const [output = ""] = node.outputs;
    const maker = this.makers.get(node.inputs[0] ?? "");
    const around =
      this.original.has(output) && maker !== undefined
        ? [maker, ...(this.readers.get(output) ?? [])]
        : [...(this.readers.get(output) ?? []), ...(maker === undefined ? [] : [maker])];
    for (const neighbour of around) {
      const found = this.covers.get(neighbour)?.nodes ?? this.helped(neighbour, seen);
      if (found.length > 0) {
        return found;
      }
    }
    return [];
  }

  /** Nodes that hand each other values which the original graph does not have. */
  private clusters(nodes: readonly Node[]): Node[][] {
    const rest = new Set(nodes);
    const clusters: Node[][] = [];
    for (const first of nodes) {
      if (!rest.delete(first)) {
        continue;
      }
      const cluster = [first];
      for (let at = 0; at < cluster.length; at++) {
        const { inputs, outputs } = cluster[at]!;
        const neighbours = [
          ...inputs.filter((value) => !this.aliases.has(value)).map((value) => this.makers.get(value)),
          ...outputs.filter((value) => !this.aliases.has(value)).flatMap((value) => this.readers.get(value)),
        ];
        for (const neighbour of neighbours) {
          if (neighbour !== undefined && rest.delete(neighbour)) {
            cluster.push(neighbour);
          }
        }
      }
      clusters.push(cluster);
    }
    return clusters;
  }

  private walkBack(cluster: readonly Node[]): readonly Node[] {
    const inside = new Set(cluster);
    const isGiven = (value: string) =>
      this.forms.get(value)?.some((form) => {
        const maker = this.makers.get(form);
        return maker === undefined || !inside.has(maker);
      }) === true;
    const targets = cluster
      .flatMap(({ outputs }) => outputs)
      .map((output) => this.aliases.get(output))
      .filter((alias) => alias !== undefined);
    const found = new Set<Node>();
    const visit = targets.map((value) => this.original.maker(value)).filter((node) => node !== undefined);
    while (visit.length > 0) {
      const node = visit.pop()!;
      if (found.has(node) || node.opType === "Constant") {
        continue;
      }
      found.add(node);
      if (SHAPE_READERS.has(node.opType)) {
        continue;
      }
      for (const input of node.inputs) {
        const maker = isGiven(input) ? undefined : this.original.maker(input);
        if (maker !== undefined) {
          visit.push(maker);
        }
      }
    }
    return [...found];
  }
}
