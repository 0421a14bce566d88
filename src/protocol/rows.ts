import type { Offer, Refusal } from "./actions";

/** exact: follows from the operator's definition; estimate: a stated rule of thumb; unknown: no figure at all, never zero. */
export type Trust = "exact" | "estimate" | "unknown";

/** An amount: the number at the current bindings and the formula that gave it. value is null when unknown or unbound. */
export interface Amount {
  readonly value: number | null;
  readonly formula: string;
  readonly trust: Trust;
}

/** How a measured time came to its row. */
export type MeasureKind = "measured" | "attributed" | "unmapped";

export const COLUMN_IDS = [
  "name",
  "path",
  "op",
  "shape",
  "dtype",
  "params",
  "weightBytes",
  "macs",
  "flops",
  "share",
  "readBytes",
  "writeBytes",
  "intensity",
  "time",
  "timeShare",
] as const;
export type ColumnId = (typeof COLUMN_IDS)[number];

/** One line of the layer table: a node, or a module with the sums of what lies below it. */
export interface LayerRow {
  /** "n<node id>" for a node, "m<module path>" for a module; stable while the model is open, through edits and undo. */
  readonly key: string;
  readonly kind: "node" | "module";
  readonly depth: number;
  /** Whether the rows below it are shown; false for a row with none. */
  readonly expanded: boolean;
  /** Rows of the graphs that this node runs, which fold and unfold with it; 0 while a filter decides what is shown. */
  readonly inner: number;
  /** Key of the node that runs the graph that this node is in; its cost contains this one's. Null in the main graph. */
  readonly runBy: string | null;
  /** Nodes at and below this row; 1 for a node. */
  readonly nodes: number;
  readonly name: string;
  readonly path: string;
  readonly op: string;
  readonly domain: string;
  /** Shape of the first output with symbols, for example "batch×sequence×768"; "?" for an unknown dim; "" for a module. */
  readonly shape: string;
  /** The same at the current bindings, for example "1×128×768". */
  readonly boundShape: string;
  readonly dtype: string;
  /** Elements of the initializers that the node reads; a tied tensor counts in each row and once in totals. */
  readonly params: number;
  readonly weightBytes: number;
  readonly macs: number | null;
  readonly flops: number | null;
  readonly readBytes: number | null;
  readonly writeBytes: number | null;
  /** Part of the model's known FLOPs, 0 to 1. */
  readonly share: number | null;
  /** FLOPs per byte moved. */
  readonly intensity: number | null;
  /** For a module: the worst of its nodes. */
  readonly trust: Trust;
  /** Of the MACs alone: those of a layer whose other arithmetic is estimated are exact all the same. */
  readonly macsTrust: Trust;
  /** For a module: nodes below it whose cost is unknown. */
  readonly unknownNodes: number;
  /** That of the graphs it runs included where their rows stand below it. */
  readonly timeMs: number | null;
  readonly timeKind: MeasureKind | null;
  /** Part of the summed node time, 0 to 1. */
  readonly timeShare: number | null;
  /** Number of fixes offered at this node (or below this module). */
  readonly offers: number;
  /** True where an applied action changed or made this node. */
  readonly edited: boolean;
}

export interface RowQuery {
  readonly group: boolean;
  readonly sort?: { readonly column: ColumnId; readonly descending: boolean };
  readonly filter?: {
    /** Case-insensitive substring of name, path or op. */
    readonly text?: string;
    readonly ops?: readonly string[];
    /** Module path; it and everything below it. */
    readonly module?: string;
  };
  /** Rows whose fold differs from the usual one: that of modules, when grouping, and of nodes that run graphs. */
  readonly toggled?: readonly string[];
  /** Modules are usually folded; otherwise open. */
  readonly foldAll?: boolean;
  /**
   * Where rows of nodes inside branches, bodies and functions are: below the node that runs them, usually folded or
   * usually open, or beside all others. A filter that selects some of them shows them with the nodes around them.
   */
  readonly inner?: "folded" | "open" | "beside";
  /** First row and number of rows wanted; the engine keeps the sorted order between calls. */
  readonly start: number;
  readonly count: number;
}

export interface RowPage {
  readonly revision: number;
  /** Rows that the query selects, folded ones not counted. */
  readonly total: number;
  /** Nodes that pass the filter, out of all nodes. */
  readonly matchingNodes: number;
  readonly allNodes: number;
  /** Of all nodes, those inside a node that runs graphs. */
  readonly innerNodes: number;
  readonly start: number;
  readonly rows: readonly LayerRow[];
  /** Sums over the nodes that pass the filter: what lies inside another of them is part of it, and of two branches the dearer counts. */
  readonly sum: Pick<
    LayerRow,
    "params" | "weightBytes" | "macs" | "flops" | "share" | "timeMs" | "unknownNodes" | "trust" | "macsTrust"
  >;
}

/** A value at the edge of a node, as the detail pane shows it. */
export interface ValueDetail {
  /** Position among the node's inputs or outputs, and the formal parameter's name when the operator is known ("A", "B", "bias"). */
  readonly index: number;
  readonly role: string;
  readonly name: string;
  readonly kind: "activation" | "initializer" | "graph input" | "constant" | "missing";
  readonly dtype: string;
  readonly shape: string;
  readonly boundShape: string;
  readonly bytes: number | null;
  /** Rows that make (for inputs) or read (for outputs) this value. */
  readonly links: readonly { readonly key: string; readonly label: string }[];
  /** For small constants: their content, shortened. */
  readonly preview?: string;
}

export interface AttributeDetail {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  /** True where the value is the operator's default and not written in the file. */
  readonly implied: boolean;
}

export interface NodeDetail {
  readonly revision: number;
  readonly key: string;
  readonly name: string;
  readonly path: string;
  readonly op: string;
  readonly domain: string;
  readonly opset: number;
  readonly doc: string;
  readonly inputs: readonly ValueDetail[];
  readonly outputs: readonly ValueDetail[];
  readonly attributes: readonly AttributeDetail[];
  readonly metadata: readonly { readonly key: string; readonly value: string }[];
  readonly cost: {
    readonly macs: Amount;
    readonly otherFlops: Amount;
    readonly flops: Amount;
    readonly readBytes: Amount;
    readonly writeBytes: Amount;
    readonly params: number;
    readonly weightBytes: number;
    /** The rule in words, for example "one MAC for each of the 64 products summed into each of the B×S×96 outputs". */
    readonly rule: string;
  };
  readonly offers: readonly Offer[];
  readonly refusals: readonly Refusal[];
}

/** A module, as the detail pane shows it. */
export interface ModuleDetail {
  readonly revision: number;
  readonly key: string;
  readonly path: string;
  readonly ops: readonly { readonly op: string; readonly count: number; readonly flops: number | null }[];
  readonly offers: readonly Offer[];
}

export type RowDetail =
  | { readonly kind: "node"; readonly node: NodeDetail }
  | { readonly kind: "module"; readonly module: ModuleDetail };
