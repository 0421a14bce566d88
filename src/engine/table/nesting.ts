import type { Inference } from "../../core/infer/types";
import type { Graph, Node, NodeId } from "../../core/model/types";

/**
 * Which node runs the graph that a node is in, by position in the node list. A body of a function belongs to the call
 * whose facts it shows; a graph that nothing runs belongs to nobody.
 */
export class Nesting {
  /** Position of the node around, -1 for none. */
  readonly owners: Int32Array;
  /** Nodes inside some other one. */
  readonly innerNodes: number;
  private readonly graphs: readonly Graph[];

  constructor(
    nodes: readonly Node[],
    graphs: readonly Graph[],
    inference: Inference,
    positionOf: ReadonlyMap<NodeId, number>,
  ) {
    this.graphs = graphs;
    this.owners = Int32Array.from(nodes, ({ id }) => {
      const { countedBy } = inference.cost(id);
      return typeof countedBy === "number" ? (positionOf.get(countedBy) ?? -1) : -1;
    });
    cutCircles(this.owners);
    this.innerNodes = this.owners.reduce((count, owner) => count + Number(owner >= 0), 0);
  }

  /** Nodes around one, the innermost first. */
  *around(position: number): Generator<number> {
    for (let at = this.owners[position]!; at >= 0; at = this.owners[at]!) {
      yield at;
    }
  }

  /** Sums of a figure over each node and all inside it; NaN, which is "none measured", only where all are. */
  inclusive(own: Float64Array): Float64Array {
    const sums = own.slice();
    for (let position = 0; position < own.length; position++) {
      const value = own[position]!;
      if (!Number.isNaN(value)) {
        for (const owner of this.around(position)) {
          sums[owner] = Number.isNaN(sums[owner]!) ? value : sums[owner]! + value;
        }
      }
    }
    return sums;
  }

  /** The nodes among some that lie inside no other of them, by the graph that they are in. */
  outermost(positions: readonly number[]): ReadonlyMap<Graph, readonly number[]> {
    const [any] = positions;
    if (this.innerNodes === 0 && any !== undefined) {
      return new Map([[this.graphs[any]!, positions]]);
    }
    const chosen = new Set(positions);
    const found = new Map<Graph, number[]>();
    for (const position of positions) {
      if (this.isInside(position, chosen)) {
        continue;
      }
      const graph = this.graphs[position]!;
      const list = found.get(graph);
      if (list === undefined) {
        found.set(graph, [position]);
      } else {
        list.push(position);
      }
    }
    return found;
  }

  private isInside(position: number, chosen: ReadonlySet<number>): boolean {
    for (let at = this.owners[position]!; at >= 0; at = this.owners[at]!) {
      if (chosen.has(at)) {
        return true;
      }
    }
    return false;
  }
}

/** Functions of a hostile file may seem to run inside each other: whoever closes such a circle belongs to nobody. */
function cutCircles(owners: Int32Array): void {
  const settled = new Uint8Array(owners.length);
  for (let start = 0; start < owners.length; start++) {
    const way = new Set<number>();
    let at = start;
    while (at >= 0 && settled[at] === 0 && !way.has(at)) {
      way.add(at);
      at = owners[at]!;
    }
    if (at >= 0 && way.has(at)) {
      owners[at] = -1;
    }
    for (const position of way) {
      settled[position] = 1;
    }
  }
}
