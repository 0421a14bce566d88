import type { Axis } from "../../core/analysis/attention/axes";
import { countedBlocks } from "../../core/analysis/attention/branches";
import type { Point } from "../../core/analysis/attention/curve";
import { type BlockAt, drawn } from "../../core/analysis/attention/whatIf";
import { checkWhatIf, ruleOf, titleOf } from "../../core/analysis/attention/whatIfWords";
import { smallestWhere } from "../../core/analysis/crossover";
import { sumOf } from "../../core/analysis/sum";
import { ModelError } from "../../core/errors";
import { evaluate, mul } from "../../core/expr";
import type { AttentionCurve, CurveQuery, WhatIf } from "../../protocol/attention";
import type { CurvePoints } from "./attentionPoints";
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
  const current = evaluate(axis.now, bindings) ?? 1;
  const blocks = countedBlocks(algebra.inference, algebra.blocks, bindings);
  const points = lengths.points(axis, blocks);
  const x = lengthsAlong(axis, current);
  return {
    revision,
    mode: axis.mode,
    axis: axis.id,
    x,
    ...listsOf(points, x, bindings),
    weightBytes,
    formulas: formulasOf(points, points.point(current, bindings)),
    current,
    crossover: smallestWhere((n) => {
      const { attention, projections, constant, growing } = points.sums(n, bindings);
      return attention > constant + growing + projections;
    }),
    ...(query.whatIf === undefined ? {} : { whatIf: whatIfOf(query.whatIf, points, x, current, bindings) }),
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

function listsOf(points: CurvePoints, x: readonly number[], bindings: Bindings) {
  const sums = x.map((n) => points.sums(n, bindings));
  const blocks = x.map((n) => points.point(n, bindings));
  return {
    constant: sums.map(({ constant }) => constant),
    linear: sums.map(({ growing }) => growing),
    projections: sums.map(({ projections }) => projections),
    attention: sums.map(({ attention }) => attention),
    scoreBytes: blocks.map(({ scoreBytes }) => scoreBytes),
    streamedBytes: blocks.map(({ streamedBytes }) => streamedBytes),
    kvCacheBytes: blocks.map(({ cacheBytes }) => cacheBytes),
  };
}

/** The largest block of the moment stands for the memory of all. */
function formulasOf({ formulas, inLength, rest }: CurvePoints, point: Point): AttentionCurve["formulas"] {
  const { groups, projections, attention } = formulas;
  const largest = groups.find((_, i) => point.blocks[i]!.scoreBytes === point.scoreBytes)?.formulas;
  const cache = sumOf(groups.map(({ formulas: own, count }) => mul(count, own.cacheBytes)));
  return {
    constant: inLength.formula(rest.constant),
    linear: inLength.formula(rest.growing),
    projections: inLength.formula(projections),
    attention: inLength.formula(attention),
    scoreBytes: inLength.formula(largest?.scoreBytes ?? 0),
    streamedBytes: inLength.formula(largest?.streamedBytes ?? 0),
    kvCacheBytes: inLength.formula(cache),
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
  points: CurvePoints,
  x: readonly number[],
  current: number,
  bindings: Bindings,
): NonNullable<AttentionCurve["whatIf"]> {
  checkWhatIf(whatIf);
  const changedAt = (n: number) => drawn(points.point(n, bindings).blocks, whatIf);
  const flops = (n: number) => {
    const { attention, projections, constant, growing } = points.sums(n, bindings);
    const changed = changedAt(n);
    const rest = constant + growing;
    return { now: rest + attention + projections, changed: rest + changed.attention + changed.projections };
  };
  const lists = x.map(changedAt);
  const here = flops(current);
  const dearest = points
    .point(current, bindings)
    .blocks.reduce<BlockAt | undefined>(
      (most, block) => (most === undefined || block.scores > most.scores ? block : most),
      undefined,
    );
  return {
    title: titleOf(whatIf),
    rule: dearest === undefined ? "There is no attention in this model." : ruleOf(whatIf, dearest),
    attention: lists.map(({ attention }) => attention),
    projections: lists.map(({ projections }) => projections),
    scoreBytes: lists.map(({ scoreBytes }) => scoreBytes),
    kvCacheBytes: lists.map(({ cacheBytes }) => cacheBytes),
    flopsNow: here.now,
    flopsThen: here.changed,
    winsFrom: smallestWhere((n) => {
      const { now, changed } = flops(n);
      return changed < now;
    }),
  };
}
