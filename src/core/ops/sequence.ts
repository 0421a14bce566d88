import { ceilDiv } from "../expr";
import type { Dim, Fact } from "../facts/fact";
import { common } from "../facts/merge";
import { axisIndex, plus, tensorFact, times } from "./dims";
import { moveCost, VIEW, viewCost } from "./moving";
import { dtypeAttribute, scalarOf, sizesOf, withSmall } from "./small";
import type { InferContext, OpSpec } from "./spec";

/** Sequences hold tensors of one type; the facts of a sequence are those that all its tensors share. */
function sequenceOf(fact: Fact, length: Dim): Fact {
  const sequence: Fact = { ...tensorFact(fact.dtype, fact.shape), kind: "sequence" };
  return length === undefined ? sequence : { ...sequence, length };
}
const elementOf = (fact: Fact): Fact => tensorFact(fact.dtype, fact.shape);

/** Size along the axis of the parts of SplitToSequence, and how many there are: single slices when sizes are left out. */
function parts(ctx: InferContext, total: Dim): { readonly size: Dim; readonly count: Dim } {
  if (!ctx.hasInput(1)) {
    return { size: 1, count: total };
  }
  const split = ctx.input(1);
  if (split.shape?.length === 0) {
    const size = scalarOf(split);
    const isEven = typeof size === "number" && typeof total === "number" && total % size === 0;
    const count = size === undefined || size === 0 || total === undefined ? undefined : ceilDiv(total, size);
    return { size: isEven ? size : undefined, count };
  }
  const sizes = sizesOf(split);
  const [first] = sizes ?? [];
  return { size: sizes?.every((size) => size === first) ? first : undefined, count: split.shape?.[0] };
}

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
      ctx.output(
        0,
        sequenceOf(
          ctx.node.inputs.map((_, i) => ctx.input(i)).reduce((a, b) => common(a, b)),
          ctx.inputCount,
        ),
      ),
    view: true,
  },
  {
    name: "SequenceEmpty",
    inputs: [],
    infer: (ctx) =>
      ctx.output(0, sequenceOf(tensorFact(dtypeAttribute(ctx, "dtype") ?? "float32", undefined), 0)),
    view: true,
  },
  {
    name: "SequenceInsert",
    inputs: ["input_sequence", "tensor", "position"],
    infer(ctx) {
      const [sequence, tensor] = [ctx.input(0), ctx.input(1)];
      const joined = sequence.length === 0 ? tensor : common(elementOf(sequence), elementOf(tensor));
      const { dtype = sequence.dtype ?? tensor.dtype } = joined;
      ctx.output(0, sequenceOf(tensorFact(dtype, joined.shape), plus(sequence.length, 1)));
    },
    view: true,
  },
  {
    name: "SequenceErase",
    inputs: ["input_sequence", "position"],
    infer: (ctx) => ctx.output(0, sequenceOf(ctx.input(0), plus(ctx.input(0).length, -1))),
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
    infer: (ctx) => ctx.output(0, withSmall({ dtype: "int64", shape: [] }, [ctx.input(0).length])),
    view: true,
  },
  {
    name: "SplitToSequence",
    inputs: ["input", "split"],
    infer(ctx) {
      const { shape, dtype } = ctx.input(0);
      const axis = shape && axisIndex(ctx.int("axis", 0), shape.length);
      const drop = !ctx.hasInput(1) && ctx.int("keepdims", 1) === 0;
      const total = axis === undefined ? undefined : shape?.[axis];
      const { size, count } = parts(ctx, total);
      const part = drop
        ? shape?.filter((_, i) => i !== axis)
        : shape?.map((dim, i) => (i === axis ? size : dim));
      ctx.output(0, sequenceOf(tensorFact(dtype, part), count));
    },
  },
  {
    name: "ConcatFromSequence",
    inputs: ["input_sequence"],
    infer(ctx) {
      const { shape, dtype, length } = ctx.input(0);
      const added = ctx.int("new_axis", 0) !== 0;
      const rank = shape === undefined ? undefined : shape.length + Number(added);
      const axis = rank === undefined ? undefined : axisIndex(ctx.int("axis", 0), rank);
      const size = axis === undefined || added ? length : times(length, shape?.[axis]);
      const joined = axis === undefined ? undefined : shape?.toSpliced(axis, Number(!added), size);
      ctx.output(0, tensorFact(dtype, joined));
    },
  },
  {
    name: "Optional",
    inputs: ["input"],
    infer(ctx) {
      const { kind } = ctx.input(0);
      const declared = ctx.hasInput(0) ? kind : ctx.string("type", "");
      ctx.output(0, {
        ...elementOf(ctx.input(0)),
        kind: declared === "sequence" ? "optional sequence" : "optional",
      });
    },
    view: true,
  },
  {
    name: "OptionalGetElement",
    inputs: ["input"],
    infer(ctx) {
      const fact = ctx.input(0);
      const isSequence = fact.kind === "sequence" || fact.kind === "optional sequence";
      ctx.output(0, isSequence ? sequenceOf(fact, fact.length) : elementOf(fact));
    },
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
  ...(name === "SplitToSequence" ? {} : { axes: "none" as const }),
  infer,
  cost: view ? viewCost : () => moveCost("every element is copied to its place"),
  ...(view ? { reuses: VIEW } : {}),
  examples: [],
}));
