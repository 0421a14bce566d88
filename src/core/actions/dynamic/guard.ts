import type { ModelError } from "../../errors";
import { type Expr, equal, symbolsOf } from "../../expr";
import type { Inference } from "../../infer/types";
import type { Graph, Node } from "../../model/types";
import { nameOf } from "../naming";
import type { Task } from "./opening";
import { refusal } from "./verify";

/** A node that is looked at, with what is known after the edits so far. */
export interface At {
  readonly graph: Graph;
  readonly node: Node;
  readonly after: Inference;
}

/** What all who write sizes must not do, and ask of sizes. */
export class Guard {
  private readonly task: Task;
  private readonly done = new Set<string>();
  private readonly bodies: ReadonlySet<Graph>;

  constructor(task: Task) {
    this.task = task;
    this.bodies = new Set(task.model.functions.map(({ graph }) => graph));
  }

  /** A shape that is wrong again after it was written would be written for ever. */
  demandOnce(at: At, what: string): void {
    const key = `${at.node.id} ${what}`;
    if (this.isInFunction(at.graph)) {
      throw this.refused(at, "the shape is inside of a function, which is called for other sizes too");
    }
    if (this.done.has(key)) {
      throw this.refused(at, "the sizes that meet there contradict each other");
    }
    this.done.add(key);
  }

  refused({ graph, node }: At, reason: string): ModelError {
    return refusal(this.task, { graph: graph.path, node: nameOf(node) }, reason);
  }

  isInFunction(graph: Graph): boolean {
    return this.bodies.has(rootOf(graph));
  }

  isDim(size: Expr | undefined): boolean {
    return size !== undefined && equal(size, this.task.dim);
  }

  follows(size: Expr): boolean {
    return symbolsOf(size).has(this.task.opening.name);
  }
}

function rootOf(graph: Graph): Graph {
  return graph.parent === undefined ? graph : rootOf(graph.parent);
}
