import type { Fact } from "../facts/fact";
import { LIMITS } from "../limits";
import type { FunctionDef, Graph, Model, Node, TensorRef, ValueInfo } from "../model/types";
import { canonicalDomain } from "../ops/index";
import { Aliases } from "./aliases";
import { BodyCache } from "./bodyCache";
import { constantFact, type ReadSmall } from "./constant";
import { inputFact } from "./declared";
import { Problems, whereIs } from "./problems";
import { Recall } from "./recall";
import type { Scope } from "./scope";
import type { NodeCost } from "./types";

export interface InferOptions {
  /** Nodes done and nodes in all graphs; called now and then. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Reads small constants; without it shape arithmetic over constants stays unknown. */
  readonly readSmall?: ReadSmall;
  readonly suppose?: Supposed;
  /** "none": types and shapes alone, for whoever asks for no costs; every cost is then unknown. */
  readonly costs?: "none";
  /** Results of the same model before an edit: only what lies downstream of the edit is worked out anew. */
  readonly before?: Recall | undefined;
}

/** Facts to take instead of those in the file, for asking what would be; undefined keeps the file's. */
export interface Supposed {
  input(info: ValueInfo): Fact | undefined;
  constant(tensor: TensorRef): Fact | undefined;
}

/**
 * Functions that call functions may run exponentially many nodes: a hostile file must not keep us busy for ever. Real
 * models run each node a few times at most, and small ones may well call a small function often.
 */
const VISITS = { perNode: 4, atLeast: 500_000 };
const PROGRESS_STEP = 2048;

/** What all runs of one inference share. */
export class Session {
  readonly model: Model;
  readonly problems = new Problems();
  readonly symbols = new Set<string>();
  /** By node id, which count from 0. */
  readonly costs: (NodeCost | undefined)[] = [];
  readonly functions = new Map<string, FunctionDef>();
  readonly bodies = new BodyCache();
  readonly aliases = new Aliases((symbol) => this.symbols.has(symbol));
  /** Results of the inference before this one, and of this one for the next. */
  readonly before: Recall | undefined;
  readonly now = new Recall();
  /** False where facts are supposed: such results say nothing of the model as it is. */
  readonly keeps: boolean;
  readonly prices: boolean;
  /** Counts problems, new names and the like: what a node leaves beside its results, and a remembered result would not. */
  remarks = 0;
  /** How many sizes got a name because only the data decides them. */
  dataDecided = 0;
  /** The scope that answers for a graph, and the call path that made it: the first one. */
  readonly scopes = new Map<Graph, { readonly scope: Scope; readonly path: string }>();
  readonly #options: InferOptions;
  readonly #constants = new Map<TensorRef, Fact>();
  readonly #unknownOps = new Map<string, { count: number; readonly graph: Graph; readonly node: Node }>();
  readonly #read: ReadSmall | undefined;
  readonly #maxVisits: number;
  #visits = 0;
  #depth = 0;

  constructor(model: Model, options: InferOptions) {
    this.model = model;
    this.#maxVisits = Math.max(VISITS.atLeast, VISITS.perNode * model.nextNodeId);
    this.#options = options;
    this.prices = options.costs !== "none";
    this.keeps = options.suppose === undefined && this.prices;
    this.before = this.keeps ? options.before : undefined;
    const { readSmall } = options;
    this.#read = readSmall === undefined ? undefined : (tensor) => this.#readOrReport(tensor, readSmall);
    for (const def of model.functions) {
      this.functions.set(functionKey(def.domain, def.name, def.overload), def);
    }
  }

  /** False when the limit of nodes is reached. */
  visit(): boolean {
    this.#visits++;
    if (this.#visits % PROGRESS_STEP === 0) {
      this.#options.onProgress?.(this.#visits, Math.max(this.model.nextNodeId, this.#visits));
    }
    return this.#visits <= this.#maxVisits;
  }

  /** Runs `work` one level deeper; without it, and with a problem, when that is deeper than the stack allows for. */
  deeper(graph: Graph, work: () => void): void {
    if (this.#depth >= LIMITS.runDepth) {
      this.problems.report(
        "warning",
        "limit",
        `functions and subgraphs run inside each other more than ${LIMITS.runDepth} deep`,
        { graph: graph.path },
        "What lies deeper stays unknown.",
      );
      return;
    }
    this.#depth++;
    try {
      work();
    } finally {
      this.#depth--;
    }
  }

  input(info: ValueInfo): Fact {
    return this.#options.suppose?.input(info) ?? inputFact(info);
  }

  constant(tensor: TensorRef): Fact {
    let fact = this.#constants.get(tensor);
    if (fact === undefined) {
      fact = this.#options.suppose?.constant(tensor) ?? constantFact(tensor, this.#read);
      this.#constants.set(tensor, fact);
    }
    return fact;
  }

  functionOf(node: Node): FunctionDef | undefined {
    return this.functions.size === 0
      ? undefined
      : this.functions.get(functionKey(node.domain, node.opType, node.overload));
  }

  unknownOp(graph: Graph, node: Node): void {
    const key = `${canonicalDomain(node.domain)}:${node.opType}`;
    const entry = this.#unknownOps.get(key);
    if (entry === undefined) {
      this.#unknownOps.set(key, { count: 1, graph, node });
    } else {
      entry.count++;
    }
  }

  /** Says what was left out, once for each operator. */
  finish(): void {
    for (const [key, { count, graph, node }] of this.#unknownOps) {
      const name = key.startsWith(":") ? key.slice(1) : key.replace(":", "::");
      this.problems.report(
        "info",
        "unsupported",
        `${count === 1 ? "1 node has" : `${count} nodes have`} the operator ${name}, which has no shape and cost rule`,
        whereIs(graph, node),
        "Their figures stay unknown and are left out of totals.",
      );
    }
    if (this.#visits > this.#maxVisits) {
      this.problems.report(
        "warning",
        "limit",
        `inference stopped after ${this.#maxVisits} nodes: functions call each other too often`,
        {},
      );
    }
    this.#options.onProgress?.(this.#visits, this.#visits);
  }

  #readOrReport(tensor: TensorRef, read: ReadSmall): readonly number[] | undefined {
    try {
      return read(tensor);
    } catch (thrown) {
      this.remarks++;
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      this.problems.report("warning", "missing", `the elements of a constant cannot be read: ${message}`, {
        tensor: tensor.name,
      });
      return undefined;
    }
  }
}

function functionKey(domain: string, name: string, overload: string): string {
  return `${canonicalDomain(domain)}:${name}:${overload}`;
}
