import {
  bytesField,
  concat,
  floatField,
  floats,
  int64s,
  message,
  numberField,
  textField,
  utf8,
  varint,
} from "./wire";

/** TensorProto.DataType, as the ONNX specification numbers them. */
export const TYPE_CODES = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  complex64: 14,
  complex128: 15,
  bfloat16: 16,
  uint4: 21,
  int4: 22,
  uint2: 25,
  int2: 26,
} as const;
export type TypeName = keyof typeof TYPE_CODES;

/** Fields that are appended as they are, at any level: unknown ones, or what a test needs broken. */
interface Extra {
  readonly extra?: Uint8Array;
}

export interface TensorSpec extends Extra {
  readonly name?: string;
  /** A number for a type that ONNX does not have. */
  readonly type: TypeName | number;
  readonly dims: readonly (number | bigint)[];
  readonly raw?: Uint8Array;
  /** Typed elements: field number of TensorProto and the whole field's content, packed. */
  readonly typed?: { readonly field: 4 | 5 | 6 | 7 | 10 | 11; readonly content: Uint8Array };
  readonly external?: {
    readonly location: string;
    readonly offset?: number | string;
    readonly length?: number | string;
    readonly checksum?: string;
  };
}

export type AttributeSpec =
  | { readonly int: number | bigint }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly (number | bigint)[] }
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] }
  | { readonly tensor: TensorSpec }
  | { readonly graph: GraphSpec }
  | { readonly graphs: readonly GraphSpec[] };

export interface NodeSpec extends Extra {
  readonly op: string;
  readonly domain?: string;
  readonly overload?: string;
  readonly name?: string;
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  readonly attributes?: { readonly [name: string]: AttributeSpec };
  readonly doc?: string;
  readonly metadata?: { readonly [key: string]: string };
}

export interface ValueSpec extends Extra {
  readonly name: string;
  readonly type?: TypeName | number;
  /** Null: a dim that says nothing. Absent: a value of unknown rank. */
  readonly dims?: readonly (number | bigint | string | null)[];
  readonly doc?: string;
}

export interface GraphSpec extends Extra {
  readonly name?: string;
  readonly doc?: string;
  readonly nodes?: readonly NodeSpec[];
  readonly inputs?: readonly ValueSpec[];
  readonly outputs?: readonly ValueSpec[];
  readonly values?: readonly ValueSpec[];
  readonly initializers?: readonly TensorSpec[];
  readonly sparse?: readonly {
    readonly values: TensorSpec;
    readonly indices: TensorSpec;
    readonly dims: readonly number[];
  }[];
}

export interface FunctionSpec extends Extra {
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: readonly string[];
  readonly nodes: readonly NodeSpec[];
  readonly opsets?: { readonly [domain: string]: number };
}

export interface ModelSpec extends Extra {
  readonly ir?: number;
  readonly opsets?: { readonly [domain: string]: number };
  readonly producer?: string;
  readonly doc?: string;
  readonly metadata?: { readonly [key: string]: string };
  readonly graph: GraphSpec;
  readonly functions?: readonly FunctionSpec[];
}

/** A ModelProto; what is left out gets values that onnxruntime loads (IR 10, opset 21). */
export function onnxModel(spec: ModelSpec): Uint8Array {
  return concat(
    numberField(1, spec.ir ?? 10),
    textField(2, spec.producer ?? "onnxBuilder"),
    ...(spec.doc === undefined ? [] : [textField(6, spec.doc)]),
    bytesField(7, onnxGraph(spec.graph)),
    ...opsetFields(8, spec.opsets ?? { "": 21 }),
    ...entryFields(14, spec.metadata),
    ...(spec.functions ?? []).map((definition) => bytesField(25, onnxFunction(definition))),
    spec.extra ?? NOTHING,
  );
}

export function onnxGraph(spec: GraphSpec): Uint8Array {
  return concat(
    ...(spec.nodes ?? []).map((node) => bytesField(1, onnxNode(node))),
    textField(2, spec.name ?? "graph"),
    ...(spec.initializers ?? []).map((tensor) => bytesField(5, onnxTensor(tensor))),
    ...(spec.doc === undefined ? [] : [textField(10, spec.doc)]),
    ...(spec.inputs ?? []).map((value) => bytesField(11, onnxValue(value))),
    ...(spec.outputs ?? []).map((value) => bytesField(12, onnxValue(value))),
    ...(spec.values ?? []).map((value) => bytesField(13, onnxValue(value))),
    ...(spec.sparse ?? []).map(({ values, indices, dims }) =>
      message(
        15,
        bytesField(1, onnxTensor(values)),
        bytesField(2, onnxTensor(indices)),
        ...dims.map((dim) => numberField(3, dim)),
      ),
    ),
    spec.extra ?? NOTHING,
  );
}

export function onnxNode(spec: NodeSpec): Uint8Array {
  return concat(
    ...(spec.inputs ?? []).map((input) => textField(1, input)),
    ...(spec.outputs ?? []).map((output) => textField(2, output)),
    ...(spec.name === undefined ? [] : [textField(3, spec.name)]),
    textField(4, spec.op),
    ...Object.entries(spec.attributes ?? {}).map(([name, attribute]) =>
      bytesField(5, onnxAttribute(name, attribute)),
    ),
    ...(spec.doc === undefined ? [] : [textField(6, spec.doc)]),
    ...(spec.domain === undefined ? [] : [textField(7, spec.domain)]),
    ...(spec.overload === undefined ? [] : [textField(8, spec.overload)]),
    ...entryFields(9, spec.metadata),
    spec.extra ?? NOTHING,
  );
}

export function onnxAttribute(name: string, spec: AttributeSpec): Uint8Array {
  const head = textField(1, name);
  const typed = (type: number, ...content: readonly Uint8Array[]) =>
    concat(head, ...content, numberField(20, type));
  if ("float" in spec) {
    return typed(1, floatField(2, spec.float));
  }
  if ("int" in spec) {
    return typed(2, numberField(3, spec.int));
  }
  if ("string" in spec) {
    return typed(3, textField(4, spec.string));
  }
  if ("tensor" in spec) {
    return typed(4, bytesField(5, onnxTensor(spec.tensor)));
  }
  if ("graph" in spec) {
    return typed(5, bytesField(6, onnxGraph(spec.graph)));
  }
  if ("floats" in spec) {
    return typed(6, ...spec.floats.map((value) => floatField(7, value)));
  }
  if ("ints" in spec) {
    return typed(7, ...spec.ints.map((value) => numberField(8, value)));
  }
  if ("strings" in spec) {
    return typed(8, ...spec.strings.map((value) => textField(9, value)));
  }
  return typed(10, ...spec.graphs.map((graph) => bytesField(11, onnxGraph(graph))));
}

export function onnxTensor(spec: TensorSpec): Uint8Array {
  const { external } = spec;
  return concat(
    ...spec.dims.map((dim) => numberField(1, dim)),
    numberField(2, typeof spec.type === "number" ? spec.type : TYPE_CODES[spec.type]),
    ...(spec.typed === undefined ? [] : [bytesField(spec.typed.field, spec.typed.content)]),
    textField(8, spec.name ?? ""),
    ...(spec.raw === undefined ? [] : [bytesField(9, spec.raw)]),
    ...(external === undefined
      ? []
      : [
          ...entryFields(
            13,
            Object.fromEntries(Object.entries(external).map(([key, value]) => [key, String(value)])),
          ),
          numberField(14, 1),
        ]),
    spec.extra ?? NOTHING,
  );
}

export function onnxValue(spec: ValueSpec): Uint8Array {
  const type =
    spec.type === undefined ? 1 : typeof spec.type === "number" ? spec.type : TYPE_CODES[spec.type];
  const shape =
    spec.dims === undefined
      ? NOTHING
      : message(
          2,
          ...spec.dims.map((dim) =>
            message(
              1,
              dim === null ? NOTHING : typeof dim === "string" ? textField(2, dim) : numberField(1, dim),
            ),
          ),
        );
  return concat(
    textField(1, spec.name),
    message(2, message(1, numberField(1, type), shape)),
    ...(spec.doc === undefined ? [] : [textField(3, spec.doc)]),
    spec.extra ?? NOTHING,
  );
}

function onnxFunction(spec: FunctionSpec): Uint8Array {
  return concat(
    textField(1, spec.name),
    ...spec.inputs.map((input) => textField(4, input)),
    ...spec.outputs.map((output) => textField(5, output)),
    ...(spec.attributes ?? []).map((attribute) => textField(6, attribute)),
    ...spec.nodes.map((node) => bytesField(7, onnxNode(node))),
    ...opsetFields(9, spec.opsets ?? { "": 21 }),
    textField(10, spec.domain),
    spec.extra ?? NOTHING,
  );
}

/** A float32 tensor in raw_data. */
export function floatTensor(name: string, dims: readonly number[], values: readonly number[]): TensorSpec {
  return { name, type: "float32", dims, raw: floats(values) };
}

/** An int64 tensor in raw_data. */
export function int64Tensor(name: string, dims: readonly number[], values: readonly number[]): TensorSpec {
  return { name, type: "int64", dims, raw: int64s(values) };
}

/** Content of a packed varint field, for typed elements. */
export function packed(values: readonly (number | bigint)[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [...varint(value)]));
}

/**
 * y = x·W + b, with x [batch, `width`] and W [`width`, `height`] in a value pattern that repeats nowhere soon. Loads and
 * runs in onnxruntime.
 */
export function linearModel(width = 4, height = 3, parts: Partial<ModelSpec> = {}): ModelSpec {
  const values = (count: number) => Array.from({ length: count }, (_, index) => Math.sin(index + 1));
  return {
    graph: {
      name: "linear",
      nodes: [
        { op: "MatMul", name: "/fc/MatMul", inputs: ["x", "W"], outputs: ["h"], doc: "a product" },
        { op: "Add", name: "/fc/Add", inputs: ["h", "b"], outputs: ["y"], metadata: { scope: "fc" } },
      ],
      inputs: [{ name: "x", dims: ["batch", width] }],
      outputs: [{ name: "y", dims: ["batch", height] }],
      initializers: [
        floatTensor("W", [width, height], values(width * height)),
        floatTensor("b", [height], values(height)),
      ],
    },
    ...parts,
  };
}

const NOTHING = new Uint8Array();

function entryFields(field: number, entries: { readonly [key: string]: string } = {}): Uint8Array[] {
  return Object.entries(entries).map(([key, value]) =>
    message(field, textField(1, key), bytesField(2, utf8(value))),
  );
}

function opsetFields(field: number, opsets: { readonly [domain: string]: number }): Uint8Array[] {
  return Object.entries(opsets).map(([domain, version]) =>
    message(field, textField(1, domain), numberField(2, version)),
  );
}
