import { equal } from "../expr";
import type { Dim, Fact } from "../facts/fact";
import { common, sameFact } from "../facts/merge";
import type { Graph } from "../model/types";
import { axisIndex, tensorFact, words } from "./dims";
import { moveCost } from "./moving";
import { scalarOf } from "./small";
import type { GraphRuns, InferContext, OpCost, OpSpec } from "./spec";

/** Rounds after which what a loop carries is given up as unknown; shapes settle in two. */
const MAX_ROUNDS = 4;

/** The node itself is free: the rows of the nodes inside its graphs carry the cost. */
const control = (rule: string) => (): OpCost => ({ ...moveCost(rule), readBytes: 0, writeBytes: 0 });

/**
 * A branch whose condition is decided by shapes costs nothing when it is never taken. Where the data decides, both
 * branches are counted as if they ran, as estimates: totals are then an upper bound.
 */
const ifOp: OpSpec = {
  domain: "",
  name: "If",
  since: 1,
  inputs: ["cond"],
  outputs: ["outputs"],
  infer(ctx) {
    const condition = scalarOf(ctx.input(0));
    const decided = typeof condition === "number" ? condition !== 0 : undefined;
    const results = (["then_branch", "else_branch"] as const).map((name) => {
      const graph = ctx.graph(name);
      const taken = decided === undefined ? undefined : decided === (name === "then_branch");
      return graph && ctx.inferGraph(graph, [], branchRuns(taken));
    });
    const [whenTrue, whenFalse] = results;
    for (let i = 0; i < ctx.outputCount; i++) {
      const [a, b] = [whenTrue?.[i] ?? {}, whenFalse?.[i] ?? {}];
      ctx.output(i, decided === undefined ? common(a, b) : decided ? a : b);
    }
  },
  cost: control("choosing a branch costs nothing; the nodes of the branches carry the cost"),
  examples: [],
};

function branchRuns(taken: boolean | undefined): GraphRuns {
  if (taken === undefined) {
    return {
      count: 1,
      exact: false,
      rule: "counted as if it ran: only the data decides whether this branch is taken",
    };
  }
  return taken
    ? { count: 1, exact: true, rule: "" }
    : { count: 0, exact: true, rule: "never runs: the shapes decide for the other branch" };
}

/** Facts that hold for what a body carries in every round, and those of all its outputs. */
function settle(
  ctx: InferContext,
  body: Graph,
  carried: readonly Fact[],
  inputs: (carried: readonly Fact[]) => readonly Fact[],
): { readonly carried: readonly Fact[]; readonly outputs: readonly Fact[] } {
  let current = carried;
  for (let round = 0; ; round++) {
    const outputs = ctx.inferGraph(body, inputs(current));
    const joined = current.map((fact, i) => common(fact, outputs[i] ?? {}));
    if (joined.every((fact, i) => sameFact(fact, current[i] ?? {}))) {
      return { carried: current, outputs };
    }
    current = round < MAX_ROUNDS ? joined : joined.map(() => ({}));
    if (round > MAX_ROUNDS) {
      return { carried: current, outputs };
    }
  }
}

function stacked(fact: Fact, count: Dim, axis: number): Fact {
  const at = fact.shape && axisIndex(axis, fact.shape.length + 1);
  return tensorFact(fact.dtype, at === undefined ? undefined : fact.shape?.toSpliced(at, 0, count));
}

const iterations = (count: Dim): string =>
  count === undefined
    ? "for one iteration of the loop; how many there are only the data decides"
    : `times ${words(count)} iterations of the loop`;

const loop: OpSpec = {
  domain: "",
  name: "Loop",
  since: 1,
  inputs: ["M", "cond", "v_initial"],
  outputs: ["v_final_and_scan_outputs"],
  infer(ctx) {
    const body = ctx.graph("body");
    if (body === undefined) {
      ctx.problem("the body is missing");
      return;
    }
    const condition: Fact = ctx.hasInput(1) ? ctx.input(1) : { dtype: "bool", shape: [], small: [1] };
    const initial = ctx.node.inputs.slice(2).map((_, i) => ctx.input(i + 2));
    const index: Fact = { dtype: "int64", shape: [] };
    const inputs = (carried: readonly Fact[]): readonly Fact[] => [index, ...carried];
    const { carried } = settle(ctx, body, [condition, ...initial], inputs);
    const limit = ctx.hasInput(0) ? scalarOf(ctx.input(0)) : undefined;
    const exact = scalarOf(carried[0] ?? {}) === 1;
    const outputs = ctx.inferGraph(body, inputs(carried), {
      count: limit,
      exact,
      rule: exact || limit === undefined ? iterations(limit) : `${iterations(limit)} at most`,
    });
    const count = exact && limit !== undefined ? limit : ctx.fresh("iterations");
    for (let i = 0; i < ctx.outputCount; i++) {
      const fact = outputs[i + 1] ?? {};
      ctx.output(i, i < initial.length ? (carried[i + 1] ?? {}) : stacked(fact, count, 0));
    }
  },
  cost: control("repeating costs nothing; the nodes of the body carry the cost of all iterations"),
  examples: [],
};

const scan: OpSpec = {
  domain: "",
  name: "Scan",
  since: 9,
  inputs: ["initial_state_and_scan_inputs"],
  outputs: ["final_state_and_scan_outputs"],
  infer(ctx) {
    const body = ctx.graph("body");
    const scanned = ctx.int("num_scan_inputs", 0);
    const states = ctx.inputCount - scanned;
    if (body === undefined || scanned < 1 || states < 0) {
      ctx.problem("the body or num_scan_inputs is missing");
      return;
    }
    let count: Dim;
    const slices = Array.from({ length: scanned }, (_, i): Fact => {
      const { dtype, shape } = ctx.input(states + i);
      const axis = shape && axisIndex(ctx.ints("scan_input_axes")?.[i] ?? 0, shape.length);
      const length = axis === undefined ? undefined : shape?.[axis];
      count =
        count !== undefined && (length === undefined || equal(count, length)) ? count : (count ?? length);
      return tensorFact(dtype, axis === undefined ? undefined : shape?.toSpliced(axis, 1));
    });
    const initial = Array.from({ length: states }, (_, i) => ctx.input(i));
    const inputs = (carried: readonly Fact[]): readonly Fact[] => [...carried, ...slices];
    const { carried } = settle(ctx, body, initial, inputs);
    const outputs = ctx.inferGraph(body, inputs(carried), { count, exact: true, rule: iterations(count) });
    for (let i = 0; i < ctx.outputCount; i++) {
      const axis = ctx.ints("scan_output_axes")?.[i - states] ?? 0;
      ctx.output(i, i < states ? (carried[i] ?? {}) : stacked(outputs[i] ?? {}, count, axis));
    }
  },
  cost: control("repeating costs nothing; the nodes of the body carry the cost of all iterations"),
  examples: [],
};

export const controlOps: readonly OpSpec[] = [ifOp, loop, scan];
