import type { Problem } from "../../protocol/problem";
import type { DType } from "../tensor/dtype";
import type { ByteSource, Span } from "../wire/source";

/** How stored elements are written: raw little-endian bytes, or a typed field of TensorProto by its number. */
export type TensorEncoding =
  | { readonly kind: "raw" }
  | { readonly kind: "typed"; readonly field: 4 | 5 | 6 | 7 | 10 | 11 };

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Where a tensor's elements are. Nothing is read until somebody asks. */
export type TensorData =
  /** In the model file. Typed fields may come in several pieces, each packed or not. */
  | {
      readonly kind: "stored";
      readonly spans: readonly (Span & { readonly packed: boolean })[];
      readonly encoding: TensorEncoding;
    }
  | {
      readonly kind: "external";
      readonly location: string;
      readonly offset: number;
      readonly length: number | undefined;
    }
  /** Raw little-endian bytes made in this session. */
  | { readonly kind: "memory"; readonly bytes: Uint8Array }
  /** Computed chunk by chunk when somebody reads it: `kernel` names a streaming kernel of core/tensor. */
  | {
      readonly kind: "derived";
      readonly from: readonly TensorRef[];
      readonly kernel: string;
      readonly params: { readonly [key: string]: Json };
    };

export interface TensorRef {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly data: TensorData;
  /** The whole record in the file (field tag included) when the tensor is an initializer of the file. */
  readonly span?: Span;
  /** Present for sparse_initializer: `data` is then that of the values. */
  readonly sparse?: { readonly indices: TensorRef };
}

export type Attribute =
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "int"; readonly value: number }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "tensor"; readonly value: TensorRef }
  | { readonly type: "graph"; readonly value: Graph }
  | { readonly type: "floats"; readonly value: readonly number[] }
  | { readonly type: "ints"; readonly value: readonly number[] }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "tensors"; readonly value: readonly TensorRef[] }
  | { readonly type: "graphs"; readonly value: readonly Graph[] }
  /** Kept as bytes and copied through: types, sparse tensors, references inside functions, what a later ONNX adds. */
  | { readonly type: "other"; readonly typeCode: number; readonly refAttrName?: string };

/** Position in its model, counted over all graphs in file order; nodes that edits add get the next numbers. */
export type NodeId = number;

export interface Node {
  readonly id: NodeId;
  readonly name: string;
  readonly domain: string;
  readonly opType: string;
  readonly overload: string;
  /** Value names; "" where an optional input or output is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly doc: string;
  /** The whole record in the file, tag included; absent when the node was made or changed by an edit. */
  readonly span?: Span;
  /** For a changed node: the record it came from, so that what the change does not concern is written back verbatim. */
  readonly origin?: Span;
  /** For a changed node: attributes that differ from the record it came from. */
  readonly changedAttributes?: ReadonlySet<string>;
  /** For a changed node: its outputs differ from those of the record it came from. */
  readonly outputsChanged?: boolean;
}

/** A dim as the file writes it: a number, a symbol's name, or nothing. */
export type DeclaredDim = number | string | undefined;

export interface ValueInfo {
  readonly name: string;
  readonly kind: "tensor" | "sparse" | "sequence" | "map" | "optional" | "optional sequence" | "unknown";
  readonly dtype: DType | undefined;
  /** Undefined: rank not given. For sequences and optionals: of the element. */
  readonly dims: readonly DeclaredDim[] | undefined;
  readonly doc: string;
  readonly span?: Span;
  /** For a changed one: the record it came from, so that what the change does not concern is written back verbatim. */
  readonly origin?: Span;
  /** For a changed one: its type is not that of the record it came from. */
  readonly typeChanged?: boolean;
}

/** A record of a message in file order, for writing it back verbatim. */
export interface FieldRecord {
  readonly field: number;
  readonly span: Span;
}

export interface Graph {
  /** Graph path as in Where: "" for the main graph. */
  readonly path: string;
  name: string;
  readonly parent: Graph | undefined;
  /** In file order, which ONNX demands to be topological; a graph that is not has a Problem. */
  nodes: Node[];
  readonly inputs: ValueInfo[];
  readonly outputs: ValueInfo[];
  readonly valueInfo: Map<string, ValueInfo>;
  readonly initializers: Map<string, TensorRef>;
  /**
   * Starts of initializer records that `initializers` does not show: broken ones, and all but the last of one name.
   * They are kept when the model is saved.
   */
  readonly hidden?: Set<number>;
  /** All records of the GraphProto in file order, unknown fields included. */
  readonly records: readonly FieldRecord[];
  /** The GraphProto's own bytes (after tag and length). Absent for graphs made by edits. */
  readonly body?: Span;
}

export interface FunctionDef {
  readonly domain: string;
  readonly name: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly string[];
  readonly opsets: ReadonlyMap<string, number>;
  /** The body as a graph without initializers; path "function domain::name". */
  readonly graph: Graph;
}

export interface Model {
  readonly source: ByteSource;
  readonly irVersion: number;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly domain: string;
  readonly modelVersion: number;
  readonly doc: string;
  opsets: ReadonlyMap<string, number>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly graph: Graph;
  readonly functions: readonly FunctionDef[];
  /** Records of the ModelProto in file order. */
  readonly records: readonly FieldRecord[];
  readonly problems: readonly Problem[];
  /** One more than the largest node id. */
  nextNodeId: NodeId;
}

/** What a save writes, in order. Ranges are copied verbatim from the source; derived tensors are computed while writing. */
export type Segment =
  | { readonly kind: "copy"; readonly span: Span }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "tensor"; readonly tensor: TensorRef; readonly byteLength: number };

export interface SavePlan {
  readonly segments: readonly Segment[];
  readonly byteLength: number;
  /** New external data files, by location relative to the saved model. */
  readonly sideFiles: readonly {
    readonly location: string;
    readonly segments: readonly Segment[];
    readonly byteLength: number;
  }[];
  /** Tensors of the file whose elements went from where they were into a new side file. */
  readonly moved: ReadonlySet<TensorRef>;
  /** The weights were moved because the file would have passed the 2 GiB that protobuf readers accept. */
  readonly outgrown: boolean;
}
