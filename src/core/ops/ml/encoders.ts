import type { DType } from "../../tensor/dtype";
import { plus, product, tensorFact } from "../dims";
import { constant, f32, of } from "../example";
import { moveCost } from "../moving";
import { elementCost } from "../pricing";
import type { InferContext, OpContext, OpCost, OpExample, OpSpec } from "../spec";

/** Preparation of features (ai.onnx.ml): scaling, encoding, picking. */
const DOMAIN = "ai.onnx.ml";

interface Elementwise {
  readonly name: string;
  readonly dtype?: DType;
  readonly flops: number;
  readonly what: string;
  readonly held?: readonly string[];
  readonly example: Pick<OpExample, "title" | "attributes">;
}

function elementwise({ name, dtype, flops, what, held, example }: Elementwise): OpSpec {
  return {
    domain: DOMAIN,
    name,
    since: 1,
    inputs: ["X"],
    outputs: ["Y"],
    infer: (ctx) => ctx.output(0, tensorFact(dtype ?? ctx.input(0).dtype, ctx.input(0).shape)),
    cost: (ctx) => elementCost(product(ctx.input(0).shape), flops, what, "exact"),
    ...(held === undefined ? {} : { held }),
    examples: [
      {
        ...example,
        opset: 1,
        inputs: [f32("batch", 3)],
        bindings: { batch: 2 },
        outputs: [f32("batch", 3)],
        macs: 0,
        other: 6 * flops,
      },
    ],
  };
}

/** Type of the values that a table of labels gives. */
function valueType(ctx: OpContext): DType | undefined {
  if (ctx.strings("values_strings") !== undefined) {
    return "string";
  }
  if (ctx.ints("values_int64s") !== undefined) {
    return "int64";
  }
  if (ctx.floats("values_floats") !== undefined) {
    return "float32";
  }
  return ctx.attributeTensor("values_tensor")?.dtype;
}

/** Strings become numbers and numbers strings. */
function otherSide(ctx: OpContext): DType | undefined {
  const { dtype } = ctx.input(0);
  return dtype === undefined ? undefined : dtype === "string" ? "int64" : "string";
}

const lookUp = (): OpCost => moveCost("every element is looked up in a table");

const labelEncoder: OpSpec = {
  domain: DOMAIN,
  name: "LabelEncoder",
  since: 1,
  inputs: ["X"],
  outputs: ["Y"],
  infer(ctx) {
    const isTable = ctx.strings("classes_strings") === undefined;
    ctx.output(0, tensorFact(isTable ? valueType(ctx) : otherSide(ctx), ctx.input(0).shape));
  },
  cost: lookUp,
  held: ["values_floats", "values_int64s", "values_tensor", "keys_int64s"],
  examples: [
    {
      title: "strings to integers",
      opset: 2,
      inputs: [of("string", "n")],
      attributes: { keys_strings: ["0", "1"], values_int64s: [7, 8] },
      bindings: { n: 3 },
      outputs: [of("int64", "n")],
      macs: 0,
      other: 0,
    },
    {
      title: "integers to floats",
      opset: 2,
      inputs: [of("int64", "n", 2)],
      attributes: { keys_int64s: [0, 1], values_floats: { floats: [7, 8] } },
      bindings: { n: 3 },
      outputs: [f32("n", 2)],
    },
    {
      title: "classes of the first version",
      opset: 1,
      inputs: [of("string", "n")],
      attributes: { classes_strings: ["0", "1"] },
      bindings: { n: 3 },
      outputs: [of("int64", "n")],
    },
    {
      title: "tensors of keys and values",
      opset: 4,
      inputs: [of("int64", "n")],
      attributes: {
        keys_tensor: { tensor: { dtype: "int64", dims: [2], content: [0, 1] } },
        values_tensor: { tensor: { dtype: "int64", dims: [2], content: [5, 6] } },
        default_tensor: { tensor: { dtype: "int64", dims: [1], content: [9] } },
      },
      bindings: { n: 3 },
      outputs: [of("int64", "n")],
    },
  ],
};

const categoryMapper: OpSpec = {
  domain: DOMAIN,
  name: "CategoryMapper",
  since: 1,
  inputs: ["X"],
  outputs: ["Y"],
  infer: (ctx) => ctx.output(0, tensorFact(otherSide(ctx), ctx.input(0).shape)),
  cost: lookUp,
  held: ["cats_int64s"],
  examples: [
    {
      title: "integers to strings",
      opset: 1,
      inputs: [of("int64", "n")],
      attributes: { cats_int64s: [0, 1], cats_strings: ["a", "b"], default_string: "c" },
      bindings: { n: 3 },
      outputs: [of("string", "n")],
      macs: 0,
      other: 0,
    },
  ],
};

const oneHotEncoder: OpSpec = {
  domain: DOMAIN,
  name: "OneHotEncoder",
  since: 1,
  inputs: ["X"],
  outputs: ["Y"],
  infer(ctx) {
    const { shape } = ctx.input(0);
    const categories = ctx.ints("cats_int64s")?.length ?? ctx.strings("cats_strings")?.length;
    ctx.output(0, tensorFact("float32", shape && [...shape, categories]));
  },
  cost: () => moveCost("filling with zeros and ones"),
  held: ["cats_int64s"],
  examples: [
    {
      title: "three categories",
      opset: 1,
      inputs: [of("int64", "n", 2)],
      attributes: { cats_int64s: [0, 1, 2] },
      bindings: { n: 3 },
      outputs: [f32("n", 2, 3)],
      macs: 0,
      other: 0,
    },
  ],
};

/** A vector is read as one row; the indices apply to the last axis. */
function inferPicked(ctx: InferContext): void {
  const { shape, dtype } = ctx.input(0);
  const picks = product(ctx.input(1).shape);
  const rows = shape?.length === 1 ? [1] : shape?.slice(0, -1);
  ctx.output(0, tensorFact(dtype, rows && [...rows, picks]));
}

const arrayFeatureExtractor: OpSpec = {
  domain: DOMAIN,
  name: "ArrayFeatureExtractor",
  since: 1,
  inputs: ["X", "Y"],
  outputs: ["Z"],
  infer: inferPicked,
  cost: () => moveCost("the picked columns are copied"),
  examples: [
    {
      title: "two columns",
      opset: 1,
      inputs: [f32("n", 3), constant("int64", [2], [2, 0])],
      bindings: { n: 3 },
      outputs: [f32("n", 2)],
      macs: 0,
      other: 0,
    },
    {
      title: "of a vector",
      opset: 1,
      inputs: [f32(4), constant("int64", [1, 3], [2, 0, 1])],
      outputs: [f32(1, 3)],
    },
  ],
};

const featureVectorizer: OpSpec = {
  domain: DOMAIN,
  name: "FeatureVectorizer",
  since: 1,
  inputs: ["X"],
  outputs: ["Y"],
  infer(ctx) {
    const shapes = ctx.node.inputs.map((_, i) => ctx.input(i).shape);
    const rows = shapes.find((shape) => shape?.length === 2)?.[0];
    const isVector = shapes.every((shape) => shape?.length === 1);
    const sizes = ctx.ints("inputdimensions");
    const columns = sizes === undefined ? undefined : plus(...sizes);
    ctx.output(0, tensorFact("float32", [isVector ? 1 : rows, columns]));
  },
  cost: () => moveCost("every element is copied to its place"),
  examples: [
    {
      title: "two inputs side by side",
      opset: 1,
      inputs: [f32("n", 2), f32("n", 3)],
      attributes: { inputdimensions: [2, 3] },
      bindings: { n: 3 },
      outputs: [f32("n", 5)],
      macs: 0,
      other: 0,
    },
  ],
};

export const mlEncoderOps: readonly OpSpec[] = [
  elementwise({
    name: "Binarizer",
    flops: 1,
    what: "comparing",
    example: { title: "by a threshold", attributes: { threshold: 0.5 } },
  }),
  elementwise({
    name: "Imputer",
    flops: 1,
    what: "comparing",
    held: ["imputed_value_floats", "imputed_value_int64s"],
    example: {
      title: "one value by another",
      attributes: { imputed_value_floats: { floats: [3] }, replaced_value_float: { float: 1 } },
    },
  }),
  elementwise({
    name: "Scaler",
    dtype: "float32",
    flops: 2,
    what: "offset, scale",
    held: ["offset", "scale"],
    example: {
      title: "every feature",
      attributes: { offset: { floats: [1, 2, 3] }, scale: { floats: [2, 2, 2] } },
    },
  }),
  elementwise({
    name: "Normalizer",
    dtype: "float32",
    flops: 3,
    what: "square or compare, add, divide",
    example: { title: "by the length of a row", attributes: { norm: "L2" } },
  }),
  labelEncoder,
  categoryMapper,
  oneHotEncoder,
  arrayFeatureExtractor,
  featureVectorizer,
];
