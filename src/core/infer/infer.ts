import { type Fact, UNKNOWN } from "../facts/fact";
import type { Graph, Model, NodeId } from "../model/types";
import type { Recall } from "./recall";
import { Run } from "./run";
import { type InferOptions, Session } from "./session";
import type { Inference, NodeCost } from "./types";

export type { InferOptions, Supposed } from "./session";

/**
 * Works out types, shapes and costs of all values and nodes. Never throws for what a model contains: what cannot be
 * worked out stays unknown and is a Problem. A node that runs graphs (If, Loop, Scan, a call of a function) costs what
 * they cost at its own facts; the nodes inside carry their share for display. Those of function bodies have the facts
 * and costs of the first call.
 */
export function infer(
  model: Model,
  options: InferOptions & { readonly previous?: Inference | undefined } = {},
): Inference {
  const { previous, ...rest } = options;
  const session = new Session(model, { ...rest, before: previous && recalls.get(previous) });
  const run = new Run(session, model.graph, undefined);
  run.main();
  session.finish();
  const inference = new ModelInference(session);
  recalls.set(inference, session.now);
  return inference;
}

/** What each inference leaves for the next one of its model. */
const recalls = new WeakMap<Inference, Recall>();

const NO_COST: NodeCost = {
  macs: undefined,
  other: undefined,
  flops: undefined,
  readBytes: undefined,
  writeBytes: undefined,
  weightBytes: 0,
  params: 0,
  trust: "unknown",
  rule: "the node is in a graph that nothing runs",
  countedBy: "none",
};

class ModelInference implements Inference {
  readonly #session: Session;
  readonly problems: Inference["problems"];
  readonly symbols: readonly string[];

  constructor(session: Session) {
    this.#session = session;
    this.problems = session.problems.list();
    this.symbols = [...session.symbols];
  }

  fact(graph: Graph, value: string): Fact {
    return this.#session.scopes.get(graph)?.scope.lookup(value)?.fact ?? UNKNOWN;
  }

  cost(node: NodeId): NodeCost {
    return this.#session.costs[node] ?? NO_COST;
  }
}
