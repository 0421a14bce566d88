import type { Dim, Fact } from "../facts/fact";
import { type DType, isFloat } from "../tensor/dtype";
import { checkBroadcast } from "./agree";
import { ELEMENTWISE_FLOPS } from "./conventions";
import { broadcastDims, product, tensorFact } from "./dims";
import { constant, f32, of } from "./example";
import { BINARY_FOLDS, foldElements, UNARY_FOLDS } from "./fold";
import { IN_PLACE, moveCost } from "./moving";
import { elementCost } from "./pricing";
import { scalarOf, withSmall } from "./small";
import type { CostContext, InferContext, OpCost, OpExample, OpSpec } from "./spec";

/** Amounts that are the definition of the operator rather than a stated constant for a series. */
const EXACT_LIMIT = 3;

function flopsOf(name: string): number {
  return ELEMENTWISE_FLOPS[name] ?? 1;
}

function perOutput(ctx: CostContext, flops: number, what: string): OpCost {
  const trust = flops <= EXACT_LIMIT ? "exact" : "estimate";
  return elementCost(product(ctx.outputFact(0).shape), flops, what, trust);
}

/** What the operator does to one element, for rules. */
function words(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}

interface Unary {
  readonly name: string;
  readonly dtype?: DType;
  readonly exampleType?: DType;
  readonly since?: number;
  readonly domain?: string;
}

/** The kernels that onnxruntime lets write over their input; those of arithmetic and of other functions it does not. */
const ACTIVATIONS: ReadonlySet<string> = new Set([
  "Celu",
  "Clip",
  "Elu",
  "HardSigmoid",
  "LeakyRelu",
  "Relu",
  "Selu",
  "Shrink",
  "Sigmoid",
  "Softplus",
  "Softsign",
  "Tanh",
  "ThresholdedRelu",
]);

function unary({ name, dtype, exampleType = "float32", since = 1, domain = "" }: Unary): OpSpec {
  const fold = UNARY_FOLDS[name];
  return {
    domain,
    name,
    since,
    inputs: ["X"],
    outputs: ["Y"],
    infer(ctx) {
      const { shape, dtype: own, small } = ctx.input(0);
      const result = tensorFact(dtype ?? own, shape);
      const folded =
        fold === undefined || small === undefined
          ? undefined
          : small.map((element) => (element === undefined ? undefined : fold(element)));
      ctx.output(0, withSmall(result, folded));
    },
    cost: (ctx) => perOutput(ctx, flopsOf(name), words(name)),
    ...(ACTIVATIONS.has(name) ? { reuses: IN_PLACE } : {}),
    examples: [
      {
        title: "every element",
        opset: Math.max(since, domain === "" ? 22 : 1),
        inputs: [of(exampleType, "batch", 3)],
        bindings: { batch: 2 },
        outputs: [of(dtype ?? exampleType, "batch", 3)],
        macs: 0,
        other: 6 * flopsOf(name),
      },
    ],
  };
}

/** Before opset 7 the second operand was fitted into the first, from the axis that an attribute named. */
const isAligned = (ctx: InferContext): boolean => ctx.opset < 7 && ctx.maybeInt("axis") !== undefined;

/** With fmod the remainder has the sign of the dividend, as in C. */
const isTruncated = (ctx: InferContext, name: string): boolean => name === "Mod" && ctx.int("fmod", 0) !== 0;

function binaryShape(ctx: InferContext, a: Fact, b: Fact): readonly Dim[] | undefined {
  if (ctx.opset < 7) {
    return a.shape ?? (ctx.int("broadcast", 0) === 0 ? b.shape : undefined);
  }
  checkBroadcast(ctx, [a, b]);
  return broadcastDims(a.shape, b.shape);
}

const variadicShape = (facts: readonly Fact[]): readonly Dim[] | undefined =>
  facts.map((fact) => fact.shape).reduce((a, b) => broadcastDims(a, b));

/** Integers cannot be divided by zero: onnxruntime stops the process or the run, by platform. */
function checkDivisor(ctx: InferContext, name: string, divisor: Fact, dtype: DType | undefined): void {
  const divides = (name === "Div" || name === "Mod") && dtype !== undefined && !isFloat(dtype);
  if (divides && divisor.small?.includes(0) === true) {
    ctx.problem("divides integers by zero");
  }
}

const ARITHMETIC = ["Add", "Sub", "Mul", "Div"];

interface Binary {
  readonly name: string;
  /** Type of the result where it is not that of the operands. */
  readonly dtype?: DType;
  readonly exampleType?: DType;
  readonly since?: number;
  readonly examples?: readonly OpExample[];
}

function binary({ name, dtype, exampleType = "float32", since = 1, examples = [] }: Binary): OpSpec {
  const fold = BINARY_FOLDS[name];
  return {
    domain: "",
    name,
    since,
    inputs: ["A", "B"],
    outputs: ["C"],
    infer(ctx) {
      const [a, b] = [ctx.input(0), ctx.input(1)];
      const shape = binaryShape(ctx, a, b);
      const type = a.dtype ?? b.dtype;
      checkDivisor(ctx, name, b, type);
      const small =
        fold === undefined || isAligned(ctx) || isTruncated(ctx, name)
          ? undefined
          : foldElements([a, b], shape, dtype ?? type, ([x, y]) => fold(x, y, type));
      ctx.output(0, withSmall(tensorFact(dtype ?? type, shape), small));
    },
    cost: (ctx) => (name === "Pow" ? powCost(ctx) : perOutput(ctx, flopsOf(name), words(name))),
    examples: [
      {
        title: "the smaller operand broadcasts",
        opset: Math.max(since, 14),
        inputs: [of(exampleType, "batch", 3, 4), of(exampleType, 3, 1)],
        bindings: { batch: 2 },
        outputs: [of(dtype ?? exampleType, "batch", 3, 4)],
        macs: 0,
        other: 24 * flopsOf(name),
      },
      ...examples,
    ],
  };
}

/** Kernels take whole powers as products; other exponents by logarithm and exponential. */
function powCost(ctx: CostContext): OpCost {
  const exponent = scalarOf(ctx.input(1));
  const elements = product(ctx.outputFact(0).shape);
  if (exponent === 2 || exponent === 3) {
    return elementCost(elements, exponent - 1, `products for power ${exponent}`, "exact");
  }
  return exponent === 0.5
    ? elementCost(elements, flopsOf("Sqrt"), "square root", "estimate")
    : elementCost(elements, flopsOf("Pow"), "power", "estimate");
}

interface Variadic {
  readonly name: string;
  readonly scale?: boolean;
}

/** Min, Max, Sum, Mean of any number of operands: one FLOP for each operand after the first. */
function variadic({ name, scale = false }: Variadic): OpSpec {
  const fold = BINARY_FOLDS[name === "Sum" ? "Add" : name];
  return {
    domain: "",
    name,
    since: 1,
    inputs: ["data"],
    outputs: ["result"],
    infer(ctx) {
      const facts = ctx.node.inputs.map((_, i) => ctx.input(i));
      checkBroadcast(ctx, facts);
      const shape = variadicShape(facts);
      const dtype = facts.find((fact) => fact.dtype !== undefined)?.dtype;
      const small =
        fold === undefined
          ? undefined
          : foldElements(facts, shape, dtype, (elements) => elements.reduce((x, y) => fold(x, y, dtype)));
      ctx.output(0, withSmall(tensorFact(dtype, shape), small));
    },
    cost: (ctx) => perOutput(ctx, Math.max(0, ctx.inputCount - 1) + Number(scale), words(name)),
    examples: [
      {
        title: "three operands",
        opset: 13,
        inputs: [f32("batch", 3), f32(3), f32("batch", 1)],
        bindings: { batch: 2 },
        outputs: [f32("batch", 3)],
        macs: 0,
        other: 6 * (2 + Number(scale)),
      },
    ],
  };
}

const where: OpSpec = {
  domain: "",
  name: "Where",
  since: 9,
  inputs: ["condition", "X", "Y"],
  outputs: ["output"],
  infer(ctx) {
    const facts = [ctx.input(0), ctx.input(1), ctx.input(2)];
    checkBroadcast(ctx, facts);
    const shape = variadicShape(facts);
    const dtype = facts[1]?.dtype ?? facts[2]?.dtype;
    const small = foldElements(facts, shape, dtype, ([condition, x, y]) =>
      typeof condition === "number" ? (condition !== 0 ? x : y) : x === y ? x : undefined,
    );
    ctx.output(0, withSmall(tensorFact(dtype, shape), small));
  },
  cost: (ctx) => perOutput(ctx, flopsOf("Where"), "selecting"),
  examples: [
    {
      title: "a mask over scores",
      opset: 9,
      inputs: [of("bool", 1, 1, "n", "n"), f32("batch", 4, "n", "n"), f32()],
      bindings: { batch: 2, n: 3 },
      outputs: [f32("batch", 4, "n", "n")],
      macs: 0,
      other: 72,
    },
  ],
};

/** Clip: bounds as attributes until opset 6, as inputs from 11. */
const clip: OpSpec = {
  ...unary({ name: "Clip" }),
  inputs: ["input", "min", "max"],
  examples: [
    {
      title: "both bounds",
      opset: 13,
      inputs: [f32("batch", 3), constant("float32", [], [0]), constant("float32", [], [6])],
      bindings: { batch: 2 },
      outputs: [f32("batch", 3)],
      other: 12,
    },
  ],
};

const prelu: OpSpec = {
  domain: "",
  name: "PRelu",
  since: 1,
  inputs: ["X", "slope"],
  outputs: ["Y"],
  infer: (ctx) => ctx.output(0, tensorFact(ctx.input(0).dtype, ctx.input(0).shape)),
  cost: (ctx) => perOutput(ctx, flopsOf("PRelu"), "comparing and scaling"),
  examples: [
    {
      title: "a slope for each channel",
      opset: 16,
      inputs: [f32("batch", 3, 4), f32(3, 1)],
      bindings: { batch: 2 },
      outputs: [f32("batch", 3, 4)],
      other: 48,
    },
  ],
};

const bitShift: OpSpec = {
  ...binary({ name: "BitShift", exampleType: "uint32", since: 11 }),
  examples: [
    {
      title: "to the left",
      opset: 11,
      inputs: [of("uint32", 3), of("uint32", 3)],
      attributes: { direction: "LEFT" },
      outputs: [of("uint32", 3)],
      other: 3,
    },
  ],
};

const dropout: OpSpec = {
  domain: "",
  name: "Dropout",
  since: 1,
  inputs: ["data", "ratio", "training_mode"],
  outputs: ["output", "mask"],
  infer(ctx) {
    const { shape, dtype } = ctx.input(0);
    ctx.output(0, tensorFact(dtype, shape));
    ctx.output(1, tensorFact(ctx.opset < 10 ? dtype : "bool", shape));
  },
  cost: () => ({
    ...moveCost("nothing: Dropout passes its input on when a model is run"),
    readBytes: 0,
    writeBytes: 0,
  }),
  examples: [
    {
      title: "with its mask",
      opset: 13,
      inputs: [f32("batch", 3)],
      bindings: { batch: 2 },
      outputs: [f32("batch", 3), of("bool", "batch", 3)],
      macs: 0,
      other: 0,
    },
  ],
};

const swiGlu: OpSpec = {
  domain: "",
  name: "SwiGLU",
  since: 28,
  inputs: ["A", "B"],
  outputs: ["Y"],
  infer(ctx) {
    const [a, b] = [ctx.input(0), ctx.input(1)];
    ctx.output(0, tensorFact(a.dtype ?? b.dtype, a.shape ?? b.shape));
  },
  cost: (ctx) => perOutput(ctx, flopsOf("Swish") + flopsOf("Mul"), "swish of the gate, times the value"),
  examples: [
    {
      title: "gate and value",
      opset: 28,
      inputs: [f32("batch", 3), f32("batch", 3)],
      bindings: { batch: 2 },
      outputs: [f32("batch", 3)],
      macs: 0,
      other: 6 * 8,
      noKernel: "is till opset 26",
    },
  ],
};

const FLOAT_UNARY = [
  "Abs",
  "Neg",
  "Sign",
  "Relu",
  "LeakyRelu",
  "ThresholdedRelu",
  "Floor",
  "Ceil",
  "Round",
  "Reciprocal",
  "Sqrt",
  "Exp",
  "Log",
  "Sin",
  "Cos",
  "Tan",
  "Asin",
  "Acos",
  "Atan",
  "Sinh",
  "Cosh",
  "Asinh",
  "Acosh",
  "Atanh",
  "Tanh",
  "Erf",
  "Sigmoid",
  "HardSigmoid",
  "HardSwish",
  "Softplus",
  "Softsign",
  "Mish",
  "Elu",
  "Selu",
  "Celu",
  "Shrink",
  "Gelu",
];

const COMPARISONS = ["Less", "LessOrEqual", "Greater", "GreaterOrEqual"];
const LOGICAL = ["And", "Or", "Xor"];
const BITWISE = ["BitwiseAnd", "BitwiseOr", "BitwiseXor"];

const shapeArithmetic: readonly OpExample[] = [
  {
    title: "of constants",
    opset: 14,
    inputs: [constant("int64", [2], [6, 8]), constant("int64", [], [2])],
    outputs: [of("int64", 2)],
    other: 2,
  },
];

export const elementwiseOps: readonly OpSpec[] = [
  ...FLOAT_UNARY.map((name) => unary({ name })),
  unary({ name: "Swish", since: 24 }),
  unary({ name: "Not", exampleType: "bool" }),
  unary({ name: "IsNaN", dtype: "bool", since: 9 }),
  unary({ name: "IsInf", dtype: "bool", since: 10 }),
  unary({ name: "BitwiseNot", exampleType: "int32", since: 18 }),
  ...ARITHMETIC.map((name) => binary({ name, examples: shapeArithmetic })),
  binary({ name: "Pow" }),
  binary({ name: "Mod", exampleType: "int64", since: 10 }),
  ...COMPARISONS.map((name) => binary({ name, dtype: "bool" })),
  binary({ name: "Equal", dtype: "bool", exampleType: "int64" }),
  ...LOGICAL.map((name) => binary({ name, dtype: "bool", exampleType: "bool" })),
  ...BITWISE.map((name) => binary({ name, exampleType: "int32", since: 18 })),
  ...["Min", "Max", "Sum"].map((name) => variadic({ name })),
  variadic({ name: "Mean", scale: true }),
  where,
  clip,
  prelu,
  bitShift,
  dropout,
  swiGlu,
];
