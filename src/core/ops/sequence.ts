import type { Fact } from "../facts/fact";
import { common } from "../facts/merge";
import { axisIndex, tensorFact } from "./dims";
import { moveCost, VIEW, viewCost } from "./moving";
import { dtypeAttribute, scalarOf } from "./small";
import type { InferContext, OpSpec } from "./spec";

/** Sequences hold tensors of one type; the facts of a sequence are those that all its tensors share. */
const sequenceOf = (fact: Fact): Fact => ({ ...tensorFact(fact.dtype, fact.shape), kind: "sequence" });
const elementOf = (fact: Fact): Fact => tensorFact(fact.dtype, fact.shape);

interface SequenceOp {
  readonly name: string;
  readonly inputs: readonly string[];
  infer(ctx: InferContext): void;
  /** True when the runtime only passes references on. */
  readonly view?: boolean;
}

const OPERATORS: readonly SequenceOp[] = [
  {
    name: "SequenceConstruct",
    inputs: ["inputs"],
    infer: (ctx) =>
      ctx.output(0, sequenceOf(ctx.node.inputs.map((_, i) => ctx.input(i)).reduce((a, b) => common(a, b)))),
    view: true,
  },
  {
    name: "SequenceEmpty",
    inputs: [],
    infer: (ctx) =>
      ctx.output(0, {
        ...tensorFact(dtypeAttribute(ctx, "dtype") ?? "float32", undefined),
        kind: "sequence",
      }),
    view: true,
  },
  {
    name: "SequenceInsert",
    inputs: ["input_sequence", "tensor", "position"],
    infer(ctx) {
      const [sequence, tensor] = [ctx.input(0), ctx.input(1)];
      const joined = sequence.shape === undefined ? tensor : common(elementOf(sequence), elementOf(tensor));
      ctx.output(0, { ...tensorFact(joined.dtype ?? tensor.dtype, joined.shape), kind: "sequence" });
    },
    view: true,
  },
  {
    name: "SequenceErase",
    inputs: ["input_sequence", "position"],
    infer: (ctx) => ctx.output(0, ctx.input(0)),
    view: true,
  },
  {
    name: "SequenceAt",
    inputs: ["input_sequence", "position"],
    infer: (ctx) => ctx.output(0, elementOf(ctx.input(0))),
    view: true,
  },
  {
    name: "SequenceLength",
    inputs: ["input_sequence"],
    infer: (ctx) => ctx.output(0, { dtype: "int64", shape: [] }),
    view: true,
  },
  {
    name: "SplitToSequence",
    inputs: ["input", "split"],
    infer(ctx) {
      const { shape, dtype } = ctx.input(0);
      const axis = shape && axisIndex(ctx.int("axis", 0), shape.length);
      const drop = !ctx.hasInput(1) && ctx.int("keepdims", 1) === 0;
      const size = ctx.hasInput(1) ? scalarOf(ctx.input(1)) : 1;
      const part = drop
        ? shape?.filter((_, i) => i !== axis)
        : shape?.map((dim, i) => (i === axis ? size : dim));
      ctx.output(0, sequenceOf(tensorFact(dtype, part)));
    },
  },
  {
    name: "ConcatFromSequence",
    inputs: ["input_sequence"],
    infer(ctx) {
      const { shape, dtype } = ctx.input(0);
      const added = ctx.int("new_axis", 0) !== 0;
      const rank = shape === undefined ? undefined : shape.length + Number(added);
      const axis = rank === undefined ? undefined : axisIndex(ctx.int("axis", 0), rank);
      const joined = axis === undefined ? undefined : shape?.toSpliced(axis, Number(!added), undefined);
      ctx.output(0, tensorFact(dtype, joined));
    },
  },
  {
    name: "Optional",
    inputs: ["input"],
    infer: (ctx) => ctx.output(0, { ...elementOf(ctx.input(0)), kind: "optional" }),
    view: true,
  },
  {
    name: "OptionalGetElement",
    inputs: ["input"],
    infer: (ctx) => ctx.output(0, elementOf(ctx.input(0))),
    view: true,
  },
  {
    name: "OptionalHasElement",
    inputs: ["input"],
    infer: (ctx) => ctx.output(0, { dtype: "bool", shape: [] }),
    view: true,
  },
];

export const sequenceOps: readonly OpSpec[] = OPERATORS.map(({ name, inputs, infer, view = false }) => ({
  domain: "",
  name,
  since: 1,
  inputs,
  outputs: ["output"],
  infer,
  cost: view ? viewCost : () => moveCost("every element is copied to its place"),
  ...(view ? { reuses: VIEW } : {}),
  examples: [],
}));
