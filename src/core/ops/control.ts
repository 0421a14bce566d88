import { type Expr, equal, max, mul, sub } from "../expr";
import type { Dim, Fact } from "../facts/fact";
import { common, sameFact } from "../facts/merge";
import type { Graph } from "../model/types";
import { axisIndex, firstKnown, isNeverNegative, plus, tensorFact, times, words } from "./dims";
import { unknownCost } from "./pricing";
import { scalarOf } from "./small";
import type { CostContext, GraphCost, GraphRuns, InferContext, OpCost, OpSpec } from "./spec";

/** Rounds after which what a loop carries is given up as unknown; shapes settle in two. */
const MAX_ROUNDS = 4;

/** What one run of a body costs, so many times. */
function timesBody(ctx: CostContext): OpCost {
  const body = ctx.graph("body");
  const cost = body && ctx.graphCost(body);
  if (cost?.runs === undefined) {
    return unknownCost("the body is missing");
  }
  const { count, exact, rule } = cost.runs;
  const all = (amount: Dim): Dim =>
    amount === 0 ? 0 : amount === undefined || count === undefined ? undefined : mul(amount, count);
  return {
    macs: all(cost.macs),
    other: all(cost.other),
    readBytes: all(cost.readBytes),
    writeBytes: all(cost.writeBytes),
    trust: cost.trust === "exact" && !exact ? "estimate" : cost.trust,
    rule: `the ${cost.nodes} nodes of the body, ${rule}`,
  };
}

const COST_ITEMS = ["macs", "other", "readBytes", "writeBytes"] as const;

/** FLOPs of a branch. */
const flopsOf = ({ macs, other }: GraphCost): Dim => plus(times(2, macs), other);

/** The dearer of two branches where that can be told, else an upper bound: the larger of each of their amounts. */
function dearer(yes: GraphCost, no: GraphCost): Pick<GraphCost, (typeof COST_ITEMS)[number]> {
  const [a, b] = [flopsOf(yes), flopsOf(no)];
  if (a !== undefined && b !== undefined) {
    if (isNeverNegative(sub(a, b))) {
      return yes;
    }
    if (isNeverNegative(sub(b, a))) {
      return no;
    }
  }
  const larger = (x: Dim, y: Dim): Expr | undefined =>
    x === undefined || y === undefined ? undefined : max(x, y);
  return {
    macs: larger(yes.macs, no.macs),
    other: larger(yes.other, no.other),
    readBytes: larger(yes.readBytes, no.readBytes),
    writeBytes: larger(yes.writeBytes, no.writeBytes),
  };
}

/** Which branch runs, where shapes or constants decide it. */
function decision(ctx: CostContext | InferContext): boolean | undefined {
  const condition = scalarOf(ctx.input(0));
  return typeof condition === "number" ? condition !== 0 : undefined;
}

const ifOp: OpSpec = {
  domain: "",
  name: "If",
  since: 1,
  inputs: ["cond"],
  outputs: ["outputs"],
  infer(ctx) {
    const decided = decision(ctx);
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
  cost(ctx) {
    const [yes, no] = (["then_branch", "else_branch"] as const).map((name) => {
      const graph = ctx.graph(name);
      return graph && ctx.graphCost(graph);
    });
    if (yes === undefined || no === undefined) {
      return unknownCost("a branch is missing");
    }
    const decided = decision(ctx);
    if (decided !== undefined) {
      const rule = `the ${decided ? "then" : "else"} branch: the condition is known to be ${decided}`;
      return { ...(decided ? yes : no), rule };
    }
    const rule = `the dearer branch: ${words(flopsOf(yes))} FLOPs when true, ${words(flopsOf(no))} when false`;
    const trust = yes.trust === "unknown" || no.trust === "unknown" ? "unknown" : "estimate";
    return { ...dearer(yes, no), trust, rule };
  },
  examples: [],
};

function branchRuns(taken: boolean | undefined): GraphRuns {
  if (taken === undefined) {
    return {
      count: 1,
      exact: false,
      rule: "if this branch runs: only the data decides",
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

/** Exporters write the largest integer where only the condition ends a loop. */
const isEndless = (limit: Dim): boolean => typeof limit === "number" && limit >= 2 ** 31 - 1;

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
    const exact = limit !== undefined && !isEndless(limit) && scalarOf(carried[0] ?? {}) === 1;
    const count = exact ? limit : ctx.fresh("iterations");
    const outputs = ctx.inferGraph(body, inputs(carried), {
      count,
      exact: true,
      rule:
        exact || limit === undefined || isEndless(limit)
          ? iterations(count)
          : `${iterations(count)}, at most ${words(limit)}`,
    });
    for (let i = 0; i < ctx.outputCount; i++) {
      const fact = outputs[i + 1] ?? {};
      ctx.output(i, i < initial.length ? (carried[i + 1] ?? {}) : stacked(fact, count, 0));
    }
  },
  cost: timesBody,
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
  cost: timesBody,
  examples: [],
};

/** The body runs once for each element of the first sequence. */
const sequenceMap: OpSpec = {
  domain: "",
  name: "SequenceMap",
  since: 17,
  inputs: ["input_sequence", "additional_inputs"],
  outputs: ["out_sequence"],
  infer(ctx) {
    const body = ctx.graph("body");
    if (body === undefined) {
      ctx.problem("the body is missing");
      return;
    }
    const elements = ctx.node.inputs.map((_, i): Fact => {
      const { dtype, shape } = ctx.input(i);
      return tensorFact(dtype, shape);
    });
    const count = ctx.input(0).length ?? ctx.fresh("elements");
    const runs: GraphRuns = { count, exact: true, rule: `times ${words(count)} elements of the sequence` };
    ctx.inferGraph(body, elements, runs).forEach(({ dtype, shape }, i) => {
      ctx.output(i, { ...tensorFact(dtype, shape), kind: "sequence", length: count });
    });
  },
  cost: timesBody,
  examples: [],
};

/** The first version: every input has the batch as its first axis, and the body runs for each of it. */
const scan8: OpSpec = {
  domain: "",
  name: "Scan",
  since: 8,
  inputs: ["sequence_lens", "initial_state_and_scan_inputs"],
  outputs: ["final_state_and_scan_outputs"],
  infer(ctx) {
    const body = ctx.graph("body");
    const scanned = ctx.int("num_scan_inputs", 0);
    const states = ctx.inputCount - 1 - scanned;
    if (body === undefined || scanned < 1 || states < 0) {
      ctx.problem("the body or num_scan_inputs is missing");
      return;
    }
    const given = Array.from({ length: states + scanned }, (_, i) => ctx.input(i + 1));
    const batch = firstKnown(...given.map(({ shape }) => shape?.[0]));
    const length = firstKnown(...given.slice(states).map(({ shape }) => shape?.[1]));
    const slices = given.slice(states).map(({ dtype, shape }) => tensorFact(dtype, shape?.slice(2)));
    const initial = given.slice(0, states).map(({ dtype, shape }) => tensorFact(dtype, shape?.slice(1)));
    const inputs = (carried: readonly Fact[]): readonly Fact[] => [...carried, ...slices];
    const { carried } = settle(ctx, body, initial, inputs);
    // With lengths of their own, sequences stop earlier; the longest is what their tensor has room for.
    const exact = !ctx.hasInput(0);
    const rule = `times ${words(batch)} sequences of ${exact ? "" : "at most "}${words(length)} steps`;
    const runs: GraphRuns = { count: times(batch, length), exact, rule };
    const outputs = ctx.inferGraph(body, inputs(carried), runs);
    for (let i = 0; i < ctx.outputCount; i++) {
      const { dtype, shape } = (i < states ? carried[i] : outputs[i]) ?? {};
      const front = i < states ? [batch] : [batch, length];
      ctx.output(i, tensorFact(dtype, shape && [...front, ...shape]));
    }
  },
  cost: timesBody,
  examples: [],
};

export const controlOps: readonly OpSpec[] = [ifOp, loop, scan8, scan, sequenceMap];
