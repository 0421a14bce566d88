import { boundAt } from "../../core/analysis/attention/axes";
import type { Block } from "../../core/analysis/attention/block";
import {
  type CurveFormulas,
  compileCurve,
  curveFormulas,
  type Point,
  splitGrowth,
} from "../../core/analysis/attention/curve";
import { compile, type Expr, sub } from "../../core/expr";
import type { InLength } from "./attentionAmounts";

type Bindings = ReadonlyMap<string, number>;

/** FLOPs of the whole model at one length, in parts. */
export interface Sums {
  readonly attention: number;
  readonly projections: number;
  /** Of everything but the blocks: what does not grow with n, and what does. */
  readonly constant: number;
  readonly growing: number;
}

/** Formulas along one axis, compiled: the sliders of the panel only evaluate them. */
export class CurvePoints {
  readonly inLength: InLength;
  readonly blocks: readonly Block[];
  readonly formulas: CurveFormulas;
  readonly rest: { readonly constant: Expr; readonly growing: Expr };
  private readonly runSums: (bindings: Bindings) => Float64Array;
  private readonly runBlocks: (bindings: Bindings) => Point;

  constructor(model: Expr, blocks: readonly Block[], inLength: InLength) {
    this.inLength = inLength;
    this.blocks = blocks;
    this.formulas = curveFormulas(blocks);
    const { attention, projections } = this.formulas;
    this.rest = splitGrowth(inLength.put(sub(sub(model, attention), projections)), inLength.name);
    this.runSums = compile([attention, projections, this.rest.constant, this.rest.growing]);
    this.runBlocks = compileCurve(this.formulas);
  }

  sums(n: number, bindings: Bindings): Sums {
    const [attention = 0, projections = 0, constant = 0, growing = 0] = this.runSums(this.bound(n, bindings));
    return { attention, projections, constant: Math.max(0, constant), growing: Math.max(0, growing) };
  }

  /** What the blocks need at one length. */
  point(n: number, bindings: Bindings): Point {
    return this.runBlocks(this.bound(n, bindings));
  }

  private bound(n: number, bindings: Bindings): Bindings {
    return boundAt(this.inLength.axis, this.inLength.name, n, bindings);
  }
}
