import type { TreemapNode } from "./engine";

/** What a tensor is, as far as its uses tell. */
export type TensorRole =
  | "weight"
  | "bias"
  | "norm"
  | "vocabulary"
  | "positions"
  | "scale"
  | "zeroPoint"
  | "constant";

export const TENSOR_COLUMNS = [
  "name",
  "usedBy",
  "path",
  "role",
  "shape",
  "dtype",
  "params",
  "bytes",
  "share",
  "bitsPerWeight",
  "sharing",
] as const;
export type TensorColumn = (typeof TENSOR_COLUMNS)[number];

/** Names a tensor: its initializer (or the Constant's output) and the graph path of Where, "" for the main graph. */
export interface TensorKey {
  readonly name: string;
  readonly graph: string;
}

export interface TensorRow {
  readonly tensor: TensorKey;
  /** Rows that read it, the first ones; `uses` counts all. */
  readonly usedBy: readonly { readonly key: string; readonly label: string }[];
  readonly uses: number;
  readonly path: string;
  readonly op: string;
  readonly role: TensorRole;
  readonly dims: readonly number[];
  readonly dtype: string;
  readonly params: number;
  readonly bytes: number;
  /** Part of the bytes of all tensors, 0 to 1. */
  readonly share: number;
  /** Bits stored for each weight, scales and zero points included; null for what is no weight. */
  readonly bitsPerWeight: number | null;
  /** Set where the same content is stored elsewhere, or one tensor serves several layers. */
  readonly sharing:
    | { readonly kind: "tied"; readonly uses: number }
    | { readonly kind: "copy" | "transposed"; readonly of: string; readonly bytes: number }
    | null;
  /** Things worth knowing: "a constant that folding made 40 times as large as its inputs"; in sentence case. */
  readonly notes: readonly string[];
  /** external data file, or "" when it is stored in the model file */
  readonly location: string;
}

export interface TensorQuery {
  readonly sort?: { readonly column: TensorColumn; readonly descending: boolean };
  readonly filter?: {
    readonly text?: string;
    readonly module?: string;
    readonly op?: string;
    readonly dtype?: string;
    readonly role?: TensorRole;
  };
  readonly start: number;
  readonly count: number;
}

export interface TensorPage {
  readonly revision: number;
  readonly total: number;
  readonly allTensors: number;
  readonly start: number;
  readonly rows: readonly TensorRow[];
  readonly sum: { readonly params: number; readonly bytes: number };
}

export interface ParametersReport {
  readonly revision: number;
  readonly tensors: number;
  readonly params: number;
  readonly bytes: number;
  readonly bitsPerWeight: number | null;
  readonly byModule: TreemapNode;
  readonly byOp: TreemapNode;
  readonly byDtype: TreemapNode;
  /** Share of all parameters in the largest `tensors` share of the tensors; both 0 to 1 and rising. */
  readonly concentration: readonly { readonly tensors: number; readonly params: number }[];
  /** Gini coefficient of the tensors' sizes: 0 all alike, towards 1 all in one. */
  readonly gini: number;
  /** Tensors with which half and 90% of the parameters are reached. */
  readonly half: number;
  readonly ninety: number;
  /** Copies are only known once contents were compared. */
  readonly copies: { readonly compared: boolean; readonly wastedBytes: number };
}

/** What one tensor's values are, from reading all of them once. */
export interface TensorStatistics {
  readonly revision: number;
  readonly tensor: TensorKey;
  readonly elements: number;
  /** Over the finite values; null where there are none. */
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly std: number | null;
  readonly nan: number;
  readonly infinite: number;
  readonly zeros: number;
  /** Values smaller in size than `nearZeroBelow`, zeros included. */
  readonly nearZeros: number;
  readonly nearZeroBelow: number;
  /** counts.length equal bins from `from` to `to`. */
  readonly histogram: { readonly from: number; readonly to: number; readonly counts: readonly number[] };
  /** Groups of `of` values along the summed axis with at least `of - keep` zeros, as a part of all groups; null where it does not apply. */
  readonly nm: { readonly keep: number; readonly of: number; readonly share: number } | null;
  /** Parts of all blocks that are wholly zero, by block size, for matrices. */
  readonly blocks: readonly { readonly rows: number; readonly columns: number; readonly zeroShare: number }[];
  /** Range of each output channel with finite values, at most 4,096 of them evenly picked; null for tensors without channels. */
  readonly channels: {
    readonly axis: number;
    readonly count: number;
    readonly picked: readonly number[];
    readonly min: readonly number[];
    readonly max: readonly number[];
    /** Channels whose largest size is beyond median + 6·MAD of those of all channels. */
    readonly outliers: readonly number[];
  } | null;
  readonly bytesRead: number;
}

/** A window on the values, seen as a matrix (leading dims flattened): shrunk to at most the cells asked for. */
export interface ValuesQuery {
  readonly tensor: TensorKey;
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
  readonly maxRows: number;
  readonly maxColumns: number;
}

export interface TensorValues {
  readonly revision: number;
  readonly tensor: TensorKey;
  /** Size of the whole matrix. */
  readonly totalRows: number;
  readonly totalColumns: number;
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
  /** Cells of the answer; each stands for `rowStep`×`columnStep` values. */
  readonly cellRows: number;
  readonly cellColumns: number;
  readonly rowStep: number;
  readonly columnStep: number;
  /** True when the window was too large to read all of it: each cell then stands for some of its values. */
  readonly sampled: boolean;
  /** Row-major, cellRows·cellColumns: the value of largest size in each cell (the value itself at step 1); null where one is NaN. */
  readonly values: readonly (number | null)[];
  /** Label of a row: "[3, 17]" of the leading dims. */
  readonly rowLabels: readonly string[];
}

export interface TensorProgress {
  readonly task: "statistics" | "compare";
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface ParametersApi {
  parameters(params: Record<string, never>): ParametersReport;
  tensors(params: TensorQuery): TensorPage;
  /** Reads one tensor in pieces. */
  tensorStatistics(params: { readonly tensor: TensorKey }): TensorStatistics;
  tensorValues(params: ValuesQuery): TensorValues;
  /** Reads all tensors of which others have the same size, and marks copies and transposed twins from then on. */
  compareTensors(params: Record<string, never>): ParametersReport;
}
