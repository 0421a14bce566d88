import type { Graph, Node } from "../../core/model/types";
import type { ModelState } from "./state";

/** Who makes and who reads each value, outer scopes included; built when the first detail is asked for. */
export class Links {
  private readonly makers = new Map<Graph, Map<string, Node>>();
  private readonly readers = new Map<Graph, Map<string, Node[]>>();

  constructor(state: ModelState) {
    state.nodes.forEach((node, position) => {
      const graph = state.graphs[position]!;
      const makers = getOrCreate(this.makers, graph, () => new Map<string, Node>());
      for (const output of node.outputs) {
        if (output !== "") {
          makers.set(output, node);
        }
      }
    });
    state.nodes.forEach((node, position) => {
      for (const input of new Set(node.inputs)) {
        const home = input === "" ? undefined : this.homeOf(state.graphs[position]!, input);
        if (home !== undefined) {
          getOrCreate(
            getOrCreate(this.readers, home, () => new Map<string, Node[]>()),
            input,
            () => [],
          ).push(node);
        }
      }
    });
  }

  maker(graph: Graph, value: string): Node | undefined {
    const home = this.homeOf(graph, value);
    return home === undefined ? undefined : this.makers.get(home)?.get(value);
  }

  readersOf(graph: Graph, value: string): readonly Node[] {
    return this.readers.get(graph)?.get(value) ?? [];
  }

  /** The graph, this one or an outer one, that defines a value. */
  private homeOf(graph: Graph, value: string): Graph | undefined {
    for (let at: Graph | undefined = graph; at !== undefined; at = at.parent) {
      if (
        this.makers.get(at)?.has(value) ||
        at.initializers.has(value) ||
        at.inputs.some(({ name }) => name === value)
      ) {
        return at;
      }
    }
    return undefined;
  }
}

function getOrCreate<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const existing = map.get(key);
  if (existing !== undefined) {
    return existing;
  }
  const created = create();
  map.set(key, created);
  return created;
}
