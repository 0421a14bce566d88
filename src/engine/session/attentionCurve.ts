import { type Axis, boundAt } from "../../core/analysis/attention/axes";
import { countedBlocks } from "../../core/analysis/attention/branches";
import {
  type CurveFormulas,
  compileCurve,
  curveFormulas,
  type Point,
  splitGrowth,
} from "../../core/analysis/attention/curve";
import { type BlockAt, drawn } from "../../core/analysis/attention/whatIf";
import { checkWhatIf, ruleOf, titleOf } from "../../core/analysis/attention/whatIfWords";
import { smallestWhere } from "../../core/analysis/crossover";
import { sumOf } from "../../core/analysis/sum";
import { ModelError } from "../../core/errors";
import { compile, type Expr, evaluate, sub } from "../../core/expr";
import type { AttentionCurve, CurveQuery, WhatIf } from "../../protocol/attention";
import type { InLength } from "./attentionAmounts";
import { type LengthSource, startingFirst } from "./attentionReport";

const POINTS = 65;
/** What is drawn at least, and how far beyond the current length. */
const RANGES = {
  tokens: { from: 16, to: 32_768 },
  pixels: { from: 32, to: 4096 },
} as const;
const BEYOND = 8;
const FARTHEST = 2 ** 24;

type Bindings = ReadonlyMap<string, number>;

export interface CurveParts {
  readonly revision: number;
  readonly lengths: LengthSource;
  readonly weightBytes: number;
  /** Of the editor. */
  readonly bindings: Bindings;
  readonly query: CurveQuery;
}

/** @throws ModelError when there is no such axis, or a number of the query is no size */
export function attentionCurve(parts: CurveParts): AttentionCurve {
  const { lengths, query, revision, weightBytes } = parts;
  const bindings = lengths.bound(chosen(parts.bindings, query.bindings ?? {}));
  const axis = axisFor(lengths, query, bindings);
  const { algebra } = lengths;
  const inLength = lengths.inLength(axis);
  const current = evaluate(axis.now, bindings) ?? 1;
  const blocks = countedBlocks(algebra.inference, algebra.blocks, bindings);
  const formulas = curveFormulas(algebra.model.flops, blocks);
  const at = pointsAlong(formulas, inLength, bindings);
  const x = lengthsAlong(axis, current);
  const points = x.map(at);
  return {
    revision,
    mode: axis.mode,
    axis: axis.id,
    x,
    ...listsOf(points),
    weightBytes,
    formulas: formulasOf(formulas, inLength, at(current).point),
    current,
    crossover: smallestWhere((n) => {
      const { point, constant, growing } = at(n);
      return point.attention > constant + growing + point.projections;
    }),
    ...(query.whatIf === undefined ? {} : { whatIf: whatIfOf(query.whatIf, points, at, current) }),
  };
}

/** The editor's bindings with those of the sliders. */
function chosen(bindings: Bindings, own: { readonly [dim: string]: number }): Bindings {
  for (const [name, value] of Object.entries(own)) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new ModelError(
        "usage",
        `The size of ${name} must be a whole number of at least 0, not ${value}.`,
      );
    }
  }
  return new Map([...bindings, ...Object.entries(own)]);
}

function axisFor(lengths: LengthSource, { mode, axis: id }: CurveQuery, bindings: Bindings): Axis {
  const inMode = startingFirst(lengths.algebra.axes, bindings).filter((axis) => axis.mode === mode);
  const found = id === undefined ? inMode[0] : inMode.find((axis) => axis.id === id);
  if (found === undefined) {
    throw new ModelError(
      "usage",
      id === undefined || inMode.length === 0
        ? `There is no length to draw the cost of ${mode} against.`
        : `There is no axis ${id} to draw the cost of ${mode} against.`,
      {},
      lengths.noAxis ??
        `The axes are ${lengths.algebra.axes.map((axis) => `${axis.id} (${axis.mode})`).join(", ")}.`,
    );
  }
  return found;
}

interface At {
  readonly point: Point;
  /** FLOPs of everything but the blocks. */
  readonly constant: number;
  readonly growing: number;
}

function pointsAlong(formulas: CurveFormulas, inLength: InLength, bindings: Bindings): (n: number) => At {
  const { constant, growing } = restOf(formulas, inLength);
  const run = compileCurve(formulas);
  const runRest = compile([constant, growing]);
  return (n) => {
    const bound = boundAt(inLength.axis, inLength.name, n, bindings);
    const rest = runRest(bound);
    return { point: run(bound), constant: Math.max(0, rest[0]!), growing: Math.max(0, rest[1]!) };
  };
}

function restOf({ model, attention, projections }: CurveFormulas, inLength: InLength) {
  return splitGrowth(inLength.put(sub(sub(model, attention), projections)), inLength.name);
}

function listsOf(points: readonly At[]) {
  return {
    constant: points.map(({ constant }) => constant),
    linear: points.map(({ growing }) => growing),
    projections: points.map(({ point }) => point.projections),
    attention: points.map(({ point }) => point.attention),
    scoreBytes: points.map(({ point }) => point.scoreBytes),
    streamedBytes: points.map(({ point }) => point.streamedBytes),
    kvCacheBytes: points.map(({ point }) => point.cacheBytes),
  };
}

function formulasOf(formulas: CurveFormulas, inLength: InLength, point: Point): AttentionCurve["formulas"] {
  const { groups } = formulas;
  const { constant, growing } = restOf(formulas, inLength);
  const largest = groups.find((_, i) => point.blocks[i]!.scoreBytes === point.scoreBytes)?.formulas;
  const cache: readonly Expr[] = groups.flatMap(({ formulas: own, count }) =>
    new Array<Expr>(count).fill(own.cacheBytes),
  );
  return {
    constant: inLength.formula(constant),
    linear: inLength.formula(growing),
    projections: inLength.formula(formulas.projections),
    attention: inLength.formula(formulas.attention),
    scoreBytes: inLength.formula(largest?.scoreBytes ?? 0),
    streamedBytes: inLength.formula(largest?.streamedBytes ?? 0),
    kvCacheBytes: inLength.formula(sumOf(cache)),
  };
}

/** Lengths spaced by their logarithm, the current one among them. */
function lengthsAlong({ unit }: Axis, current: number): readonly number[] {
  const range = RANGES[unit];
  const from = Math.max(1, Math.min(range.from, current));
  const to = Math.min(FARTHEST, Math.max(range.to, BEYOND * current));
  const ratio = Math.log(to / from) / (POINTS - 1);
  const spaced = Array.from({ length: POINTS }, (_, i) => Math.round(from * Math.exp(ratio * i)));
  return [...new Set([...spaced, Math.max(1, current)])].sort((a, b) => a - b);
}

function whatIfOf(
  whatIf: WhatIf,
  points: readonly At[],
  at: (n: number) => At,
  current: number,
): NonNullable<AttentionCurve["whatIf"]> {
  checkWhatIf(whatIf);
  const then = points.map(({ point }) => drawn(point.blocks, whatIf));
  const flops = (n: number) => {
    const { point, constant, growing } = at(n);
    const changed = drawn(point.blocks, whatIf);
    const rest = constant + growing;
    return {
      now: rest + point.attention + point.projections,
      changed: rest + changed.attention + changed.projections,
    };
  };
  const here = flops(current);
  const dearest = at(current).point.blocks.reduce<BlockAt | undefined>(
    (most, block) => (most === undefined || block.scores > most.scores ? block : most),
    undefined,
  );
  return {
    title: titleOf(whatIf),
    rule: dearest === undefined ? "There is no attention in this model." : ruleOf(whatIf, dearest),
    attention: then.map(({ attention }) => attention),
    projections: then.map(({ projections }) => projections),
    scoreBytes: then.map(({ scoreBytes }) => scoreBytes),
    kvCacheBytes: then.map(({ cacheBytes }) => cacheBytes),
    flopsNow: here.now,
    flopsThen: here.changed,
    winsFrom: smallestWhere((n) => {
      const { now, changed } = flops(n);
      return changed < now;
    }),
  };
}
