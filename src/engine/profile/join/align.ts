import { subgraphsOf } from "../../../core/infer/order";
import type { Graph, Node } from "../../../core/model/types";
import type { TraceNode } from "../../../protocol/profiler";
import { append } from "./lists";

/**
 * The node of the graph that ran for each kernel of the trace, by position. Both have the order of execution, so nodes
 * that share operator and name (or have none) are told apart by their turn.
 *
 * @param ran the optimised graph as onnxruntime wrote it
 */
export function alignTrace(trace: readonly TraceNode[], ran: Graph): (Node | undefined)[] {
  const main = new Turns(ran.nodes);
  const inner = new Map<Node, Turns>();
  const aligned: (Node | undefined)[] = [];
  for (const kernel of trace) {
    const parent = kernel.parent < 0 ? undefined : aligned[kernel.parent];
    if (kernel.parent >= 0 && parent === undefined) {
      aligned.push(undefined);
      continue;
    }
    let turns = parent === undefined ? main : inner.get(parent);
    if (turns === undefined) {
      turns = new Turns(subgraphsOf(parent!).flatMap(({ nodes }) => nodes));
      inner.set(parent!, turns);
    }
    aligned.push(turns.take(kernel));
  }
  return aligned;
}

class Turns {
  private readonly waiting = new Map<string, Node[]>();

  constructor(nodes: readonly Node[]) {
    for (const node of [...nodes].reverse()) {
      append(this.waiting, keyOf(node.opType, node.name), node);
    }
  }

  take({ op, name, nodeIndex }: TraceNode): Node | undefined {
    const invented = name === `${op}_${nodeIndex}`;
    return (
      this.waiting.get(keyOf(op, name))?.pop() ??
      (invented ? this.waiting.get(keyOf(op, ""))?.pop() : undefined)
    );
  }
}

function keyOf(op: string, name: string): string {
  return `${op}\n${name}`;
}
