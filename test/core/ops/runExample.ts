import { onnx } from "onnx-proto";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { ExampleAttribute, ExampleInput, OpExample, OpSpec } from "../../../src/core/ops/spec";
import { DTYPE_CODES, type DType } from "../../../src/core/tensor/dtype";
import { filledElements, packElements } from "./elements";

/** What onnxruntime answered for one output: its shape, and its type as far as it can be told apart. */
export interface RanOutput {
  readonly dtype: DType;
  readonly dims: readonly number[];
  /** Elements of a small tensor as numbers; undefined for strings and larger ones. */
  readonly elements: readonly number[] | undefined;
}

const MAX_ELEMENTS = 256;

function elementsOf(value: Tensor): readonly number[] | undefined {
  return value.type === "string" || value.size > MAX_ELEMENTS
    ? undefined
    : Array.from(value.data as ArrayLike<number | bigint | boolean>, Number);
}

/** Types that onnxruntime-node cannot carry over its boundary; a Cast at the edge of the model stands in. */
const CARRIERS: { readonly [dtype in DType]?: DType } = {
  int4: "int8",
  uint4: "uint8",
  int2: "int8",
  uint2: "uint8",
  bfloat16: "float32",
  float8e4m3fn: "float32",
  float8e4m3fnuz: "float32",
  float8e5m2: "float32",
  float8e5m2fnuz: "float32",
  float8e8m0: "float32",
  float4e2m1: "float32",
};

/** The sizes of a shape at the example's bindings; formulas are not allowed in what is fed. */
function bound(example: OpExample, shape: ExampleInput["shape"]): number[] {
  return shape.map((dim) => {
    const size = typeof dim === "number" ? dim : example.bindings?.[dim];
    if (size === undefined) {
      throw new Error(`example "${example.title}" binds no value to ${dim}`);
    }
    return size;
  });
}

const elementCount = (dims: readonly number[]): number => dims.reduce((count, dim) => count * dim, 1);

function tensorProto(
  name: string,
  dtype: DType,
  dims: readonly number[],
  content: readonly number[],
): onnx.ITensorProto {
  return {
    name,
    dataType: DTYPE_CODES[dtype],
    dims: [...dims],
    ...(dtype === "string"
      ? { stringData: content.map((value) => Buffer.from(String(value))) }
      : { rawData: packElements(dtype, content) }),
  };
}

function valueInfo(name: string, dtype: DType, dims?: readonly number[]): onnx.IValueInfoProto {
  const shape = dims && { shape: { dim: dims.map((dimValue) => ({ dimValue })) } };
  return { name, type: { tensorType: { elemType: DTYPE_CODES[dtype], ...shape } } };
}

function attributeProto(name: string, value: ExampleAttribute): onnx.IAttributeProto {
  const types = onnx.AttributeProto.AttributeType;
  if (typeof value === "number") {
    return Number.isInteger(value)
      ? { name, type: types.INT, i: value }
      : { name, type: types.FLOAT, f: value };
  }
  if (typeof value === "string") {
    return { name, type: types.STRING, s: Buffer.from(value) };
  }
  if ("tensor" in value) {
    const { dtype, dims, content } = value.tensor;
    return { name, type: types.TENSOR, t: tensorProto("", dtype, dims, content) };
  }
  if ("float" in value) {
    return { name, type: types.FLOAT, f: value.float };
  }
  if ("floats" in value) {
    return { name, type: types.FLOATS, floats: [...value.floats] };
  }
  if (value.some((item) => typeof item === "string")) {
    return { name, type: types.STRINGS, strings: value.map((item) => Buffer.from(String(item))) };
  }
  const numbers = value as readonly number[];
  return numbers.every(Number.isInteger)
    ? { name, type: types.INTS, ints: [...numbers] }
    : { name, type: types.FLOATS, floats: [...numbers] };
}

const cast = (input: string, output: string, to: DType): onnx.INodeProto => ({
  opType: "Cast",
  input: [input],
  output: [output],
  attribute: [attributeProto("to", DTYPE_CODES[to])],
});

interface Runnable {
  readonly bytes: Uint8Array;
  readonly feeds: { readonly [name: string]: Tensor };
  /** Names to fetch, by output index; the declared type where a Cast hides it. */
  readonly fetched: readonly { readonly name: string; readonly index: number; readonly hidden?: DType }[];
}

/** The model of one node that an example describes, with deterministic contents for what is fed. */
export function runnableExample(spec: OpSpec, example: OpExample): Runnable {
  const before: onnx.INodeProto[] = [];
  const after: onnx.INodeProto[] = [];
  const initializers: onnx.ITensorProto[] = [];
  const graphInputs: onnx.IValueInfoProto[] = [];
  const graphOutputs: onnx.IValueInfoProto[] = [];
  const internal: onnx.IValueInfoProto[] = [];
  const feeds: { [name: string]: Tensor } = {};
  const inputs = example.inputs.map((input, index) => {
    if (input === null) {
      return "";
    }
    const name = `in${index}`;
    const dims = bound(example, input.shape);
    if (input.content !== undefined) {
      initializers.push(tensorProto(name, input.dtype, dims, input.content));
      return name;
    }
    const carrier = CARRIERS[input.dtype] ?? input.dtype;
    const elements = input.feed ?? filledElements(spec.name, input.dtype, elementCount(dims), index);
    const fed = carrier === input.dtype ? name : `${name}_carried`;
    if (fed !== name) {
      before.push(cast(fed, name, input.dtype));
    }
    graphInputs.push(valueInfo(fed, carrier, dims));
    feeds[fed] = feedTensor(carrier, elements, dims);
    return name;
  });
  const fetched: { name: string; index: number; hidden?: DType }[] = [];
  const outputs = example.outputs.map((output, index) => {
    if (output === null) {
      return "";
    }
    const name = `out${index}`;
    const carrier = CARRIERS[output.dtype];
    if (carrier === undefined) {
      graphOutputs.push({ name });
      fetched.push({ name, index });
    } else {
      // onnxruntime refuses a model whose declared type differs from what the operator's schema gives.
      internal.push(valueInfo(name, output.dtype));
      after.push(cast(name, `${name}_carried`, carrier));
      graphOutputs.push({ name: `${name}_carried` });
      fetched.push({ name: `${name}_carried`, index, hidden: output.dtype });
    }
    return name;
  });
  const node: onnx.INodeProto = {
    name: "node",
    domain: spec.domain,
    opType: spec.name,
    input: inputs,
    output: outputs,
    attribute: Object.entries(example.attributes ?? {}).map(([name, value]) => attributeProto(name, value)),
  };
  const opsets = new Map([
    ["", 21],
    [spec.domain, example.opset],
  ]);
  const model: onnx.IModelProto = {
    irVersion: 10,
    opsetImport: [...opsets].map(([domain, version]) => ({ domain, version })),
    graph: {
      name: "example",
      node: [...before, node, ...after],
      initializer: initializers,
      input: graphInputs,
      output: graphOutputs,
      valueInfo: internal,
    },
  };
  return { bytes: onnx.ModelProto.encode(onnx.ModelProto.create(model)).finish(), feeds, fetched };
}

function feedTensor(dtype: DType, elements: readonly number[], dims: readonly number[]): Tensor {
  if (dtype === "string") {
    return new Tensor("string", elements.map(String), [...dims]);
  }
  if (dtype === "bool") {
    return new Tensor("bool", Uint8Array.from(elements), [...dims]);
  }
  if (dtype === "int64") {
    return new Tensor("int64", BigInt64Array.from(elements.map(BigInt)), [...dims]);
  }
  if (dtype === "uint64") {
    return new Tensor("uint64", BigUint64Array.from(elements.map(BigInt)), [...dims]);
  }
  if (dtype === "float16") {
    const halves = new Uint16Array(packElements("float16", elements).buffer);
    return new Tensor("float16", halves, [...dims]);
  }
  const arrays = {
    float32: Float32Array,
    float64: Float64Array,
    uint8: Uint8Array,
    int8: Int8Array,
    uint16: Uint16Array,
    int16: Int16Array,
    int32: Int32Array,
    uint32: Uint32Array,
  } as const;
  const kind = dtype as keyof typeof arrays;
  return new Tensor(kind, arrays[kind].from(elements) as never, [...dims]);
}

const OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ["cpu"],
  graphOptimizationLevel: "disabled",
  intraOpNumThreads: 1,
  logSeverityLevel: 4,
};

/** Runs an example in onnxruntime; rejects when it refuses the model or fails. Outputs by index; left-out ones absent. */
export async function runExample(spec: OpSpec, example: OpExample): Promise<ReadonlyMap<number, RanOutput>> {
  const { bytes, feeds, fetched } = runnableExample(spec, example);
  const session = await InferenceSession.create(bytes, OPTIONS);
  const answered = new Map<number, RanOutput>();
  try {
    const results = await session.run(feeds);
    for (const { name, index, hidden } of fetched) {
      const value = results[name];
      if (value === undefined) {
        throw new Error(`onnxruntime left out output ${index}`);
      }
      answered.set(index, {
        dtype: hidden ?? (value.type as DType),
        dims: value.dims,
        elements: elementsOf(value),
      });
    }
  } finally {
    await session.release();
  }
  return answered;
}
