import { ceilDiv, isIntegral, sub } from "../expr";
import type { Dim } from "../facts/fact";
import { type DType, isFloat } from "../tensor/dtype";
import { product, tensorFact } from "./dims";
import { constant, f32, fed, of } from "./example";
import { moveCost } from "./moving";
import { elementCost } from "./pricing";
import { dtypeAttribute, elementsAt, MAX_SMALL, scalarOf, sizesOf, smallDims, withSmall } from "./small";
import type { InferContext, OpCost, OpSpec } from "./spec";

const FREE: OpCost = {
  ...moveCost("a constant: made once when the model is loaded"),
  readBytes: 0,
  writeBytes: 0,
};

const constantOp: OpSpec = {
  domain: "",
  name: "Constant",
  since: 1,
  outputs: ["output"],
  infer(ctx) {
    const tensor = ctx.attributeTensor("value");
    if (tensor !== undefined) {
      ctx.output(0, ctx.factOf(tensor));
      return;
    }
    for (const [name, attribute] of ctx.node.attributes) {
      if (name === "value_int" || name === "value_float") {
        const value = ctx.float(name, Number.NaN);
        ctx.output(0, { dtype: name === "value_int" ? "int64" : "float32", shape: [], small: [value] });
      } else if (name === "value_ints" || name === "value_floats") {
        const values = (name === "value_ints" ? ctx.ints(name) : ctx.floats(name)) ?? [];
        const fact = tensorFact(name === "value_ints" ? "int64" : "float32", [values.length]);
        ctx.output(0, values.length <= MAX_SMALL ? withSmall(fact, values) : fact);
      } else if (name === "value_string") {
        ctx.output(0, { dtype: "string", shape: [] });
      } else if (name === "value_strings" && attribute.type === "strings") {
        ctx.output(0, { dtype: "string", shape: [attribute.value.length] });
      }
    }
  },
  cost: () => FREE,
  examples: [
    {
      title: "a tensor",
      opset: 13,
      inputs: [],
      attributes: { value: { tensor: { dtype: "int64", dims: [2], content: [3, 4] } } },
      outputs: [of("int64", 2)],
      macs: 0,
      other: 0,
    },
    { title: "an integer", opset: 13, inputs: [], attributes: { value_int: 3 }, outputs: [of("int64")] },
    { title: "a float", opset: 13, inputs: [], attributes: { value_float: 0.5 }, outputs: [f32()] },
    {
      title: "integers",
      opset: 13,
      inputs: [],
      attributes: { value_ints: [3, 4] },
      outputs: [of("int64", 2)],
    },
    {
      title: "floats",
      opset: 13,
      inputs: [],
      attributes: { value_floats: { floats: [3, 4] } },
      outputs: [f32(2)],
    },
    { title: "a string", opset: 13, inputs: [], attributes: { value_string: "a" }, outputs: [of("string")] },
  ],
};

const constantOfShape: OpSpec = {
  domain: "",
  name: "ConstantOfShape",
  since: 9,
  inputs: ["input"],
  outputs: ["output"],
  infer(ctx) {
    const tensor = ctx.attributeTensor("value");
    const value = tensor === undefined ? 0 : scalarOf(ctx.factOf(tensor));
    const shape = sizesOf(ctx.input(0));
    const dims = smallDims(shape);
    const fact = tensorFact(tensor === undefined ? "float32" : tensor.dtype, shape);
    ctx.output(0, withSmall(fact, dims === undefined ? undefined : elementsAt(dims, () => value)));
  },
  cost: () => moveCost("filling with one value"),
  examples: [
    {
      title: "zeros",
      opset: 9,
      inputs: [constant("int64", [2], [2, 3])],
      outputs: [f32(2, 3)],
      macs: 0,
      other: 0,
    },
    {
      title: "minus one",
      opset: 20,
      inputs: [constant("int64", [1], [4])],
      attributes: { value: { tensor: { dtype: "int64", dims: [1], content: [-1] } } },
      outputs: [of("int64", 4)],
    },
  ],
};

const eyeLike: OpSpec = {
  domain: "",
  name: "EyeLike",
  since: 9,
  inputs: ["input"],
  outputs: ["output"],
  infer: (ctx) =>
    ctx.output(0, tensorFact(dtypeAttribute(ctx, "dtype") ?? ctx.input(0).dtype, ctx.input(0).shape)),
  cost: () => ({ ...moveCost("filling with zeros and ones"), readBytes: 0 }),
  examples: [
    {
      title: "another type",
      opset: 9,
      inputs: [f32(3, 4)],
      attributes: { dtype: 7 },
      outputs: [of("int64", 3, 4)],
      macs: 0,
      other: 0,
    },
  ],
};

/** Elements of Range: ceil((limit - start) / delta). A symbolic limit is taken as not below the start. */
function rangeLength(start: Dim, limit: Dim, delta: Dim): Dim {
  if (start === undefined || limit === undefined || typeof delta !== "number" || delta === 0) {
    return undefined;
  }
  const span = delta < 0 ? sub(start, limit) : sub(limit, start);
  if (typeof span === "number") {
    return Math.max(0, Math.ceil(span / Math.abs(delta)));
  }
  return isIntegral(delta) ? ceilDiv(span, Math.abs(delta)) : undefined;
}

function rangeElements(start: Dim, length: Dim, delta: Dim): readonly Dim[] | undefined {
  if (typeof start !== "number" || typeof length !== "number" || typeof delta !== "number") {
    return undefined;
  }
  return length > MAX_SMALL ? undefined : Array.from({ length }, (_, i) => start + i * delta);
}

const range: OpSpec = {
  domain: "",
  name: "Range",
  since: 11,
  inputs: ["start", "limit", "delta"],
  outputs: ["output"],
  infer(ctx) {
    const [start, limit, delta] = [0, 1, 2].map((i) => scalarOf(ctx.input(i)));
    const dtype = ctx.input(0).dtype ?? ctx.input(1).dtype;
    const length = rangeLength(start, limit, delta);
    const elements = dtype !== undefined && !isFloat(dtype) ? rangeElements(start, length, delta) : undefined;
    ctx.output(0, withSmall(tensorFact(dtype, [length]), elements));
  },
  cost: (ctx) => elementCost(product(ctx.outputFact(0).shape), 1, "adding the step", "exact"),
  examples: [
    {
      title: "positions",
      opset: 11,
      inputs: [constant("int64", [], [0]), constant("int64", [], [7]), constant("int64", [], [2])],
      outputs: [of("int64", 4)],
      macs: 0,
      other: 4,
    },
    {
      title: "downwards",
      opset: 11,
      inputs: [constant("int64", [], [5]), constant("int64", [], [0]), constant("int64", [], [-2])],
      outputs: [of("int64", 3)],
    },
    {
      title: "to a length that only the data knows",
      opset: 11,
      inputs: [constant("int64", [], [0]), fed("int64", [], [4]), constant("int64", [], [1])],
      outputs: [{ dtype: "int64", shape: [undefined] }],
    },
  ],
};

function randomFact(ctx: InferContext, shape: readonly Dim[] | undefined, fallback: DType | undefined): void {
  ctx.output(0, tensorFact(dtypeAttribute(ctx, "dtype") ?? fallback, shape));
}

/** Random numbers are priced as a stated constant: a few integer steps and a conversion for each. */
const RANDOM_FLOPS = 10;

function random(name: string, like: boolean): OpSpec {
  return {
    domain: "",
    name,
    since: 1,
    inputs: like ? ["input"] : [],
    outputs: ["output"],
    infer: (ctx) =>
      like
        ? randomFact(ctx, ctx.input(0).shape, ctx.input(0).dtype)
        : randomFact(ctx, ctx.ints("shape"), "float32"),
    cost: (ctx) => ({
      ...elementCost(product(ctx.outputFact(0).shape), RANDOM_FLOPS, "a random number", "estimate"),
      readBytes: 0,
    }),
    examples: [
      {
        title: "by shape",
        opset: 21,
        inputs: like ? [f32(2, 3)] : [],
        ...(like ? {} : { attributes: { shape: [2, 3] } }),
        outputs: [f32(2, 3)],
        other: 6 * RANDOM_FLOPS,
      },
    ],
  };
}

export const generateOps: readonly OpSpec[] = [
  constantOp,
  constantOfShape,
  eyeLike,
  range,
  random("RandomNormal", false),
  random("RandomUniform", false),
  random("RandomNormalLike", true),
  random("RandomUniformLike", true),
];
