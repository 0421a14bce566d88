import type { ActionCall, Change, Effect, NodeRef, Offer, Preview, Refusal } from "./actions";
import type { AttentionApi } from "./attention";
import type { PeakMemory } from "./memory";
import type { ParametersApi, TensorProgress } from "./parameters";
import type { Problem, Severity } from "./problem";
import type { ProfileOptions, ProfileProgress, ProfileResult, ProviderInfo } from "./profiler";
import type { InspectReport } from "./report";
import type { Amount, LayerRow, RowDetail, RowPage, RowQuery } from "./rows";

/** Identifies the file's content without reading it all: a save over another fingerprint is refused as stale. */
export interface Fingerprint {
  readonly size: number;
  readonly mtimeMs: number;
  /** Hash of the first and last 64 KiB. */
  readonly edges: string;
}

export interface DimControl {
  /** The symbol as the file names it. */
  readonly name: string;
  readonly value: number;
  readonly defaultValue: number;
  /** Graph inputs that carry it: "input_ids[1]". */
  readonly usedBy: readonly string[];
  /** What the symbol is likely to mean, from its name and place; decides the default and the slider's range. */
  readonly meaning: "batch" | "sequence" | "past" | "image" | "other";
}

export type Bindings = { readonly [dim: string]: number };

export interface Totals {
  readonly params: number;
  readonly weightBytes: number;
  readonly weightBytesByDtype: readonly {
    readonly dtype: string;
    readonly bytes: number;
    readonly params: number;
  }[];
  readonly macs: Amount;
  readonly flops: Amount;
  readonly readBytes: Amount;
  readonly writeBytes: Amount;
  /** Most bytes of activations held at one node, as onnxruntime orders the nodes and plans their memory. */
  readonly peakActivationBytes: Amount;
  readonly coverage: {
    readonly nodes: number;
    readonly exact: number;
    readonly estimate: number;
    readonly unknown: number;
    /** Operators without a cost, with the number of nodes: what the totals leave out. */
    readonly unknownOps: readonly { readonly op: string; readonly domain: string; readonly nodes: number }[];
  };
}

export interface ModelSummary {
  readonly revision: number;
  readonly fileName: string;
  readonly graphName: string;
  readonly producer: string;
  readonly irVersion: number;
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  readonly fileBytes: number;
  readonly externalBytes: number;
  readonly functions: number;
  readonly subgraphs: number;
  readonly nodes: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly dims: readonly DimControl[];
  readonly totals: Totals;
  readonly ops: readonly { readonly op: string; readonly domain: string; readonly count: number }[];
  readonly modules: readonly string[];
  readonly problems: readonly Problem[];
  readonly fingerprint: Fingerprint;
  readonly dirty: boolean;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly profile: ProfileResult | null;
}

/** One bar of "what dominates": a kind of work or a module, and the filter that shows its layers. */
export interface Slice {
  readonly label: string;
  readonly value: number;
  readonly share: number;
  readonly filter: NonNullable<RowQuery["filter"]>;
}

export interface TreemapNode {
  readonly label: string;
  readonly path: string;
  readonly bytes: number;
  readonly params: number;
  readonly children: readonly TreemapNode[];
}

export interface Overview {
  readonly revision: number;
  readonly byOp: readonly Slice[];
  readonly byModule: readonly Slice[];
  readonly topLayers: readonly LayerRow[];
  readonly peak: PeakMemory;
  readonly growth: Series | null;
  readonly parameters: TreemapNode;
  readonly suggestions: readonly Offer[];
  readonly offersTotal: number;
}

/** Model FLOPs as one dim grows with the others kept, split by the degree of each layer's own formula in that dim. */
export interface Series {
  readonly dim: string;
  readonly x: readonly number[];
  /** Parts that do not grow, grow linearly, and grow with the square or faster. */
  readonly constant: readonly number[];
  readonly linear: readonly number[];
  readonly quadratic: readonly number[];
  readonly current: number;
  /** Where the quadratic part overtakes the linear one; null when it never does below 2^24. */
  readonly crossover: number | null;
}

/** The ONNX textual view. Weights appear as shapes only. */
export interface TextView {
  readonly revision: number;
  readonly text: string;
  /** For each line the row key of its node, or "" where there is none. */
  readonly lineKeys: readonly string[];
}

/** Which lines to look at, and what is worth a lens there. */
export interface LensQuery {
  readonly startLine: number;
  readonly endLine: number;
  /** Costs of nodes and modules below this part of the model's FLOPs, 0 to 1, are left out. */
  readonly minShare?: number;
  /** At a node that is not costly, fixes that make the weights smaller by fewer bytes are left out. */
  readonly minSaving?: number;
  /** Most fixes at one node, those that save most; all when absent. */
  readonly maxFixes?: number;
}

/** What stands above a line of the text view. */
export type Lens = CostLens | AttentionLens | FixLens;

/** Figures of a node, or the sums of a module at the line that names it. */
export interface CostLens {
  readonly kind: "cost" | "module";
  readonly line: number;
  /** Row of the layer table. */
  readonly key: string;
  /** Part of the model's FLOPs, 0 to 1. */
  readonly share: number;
  readonly flops: number;
  readonly weightBytes: number;
  /** Of the last profile, if any. */
  readonly timeMs: number | null;
  readonly tooltip: string;
}

/** An attention block, at the first of its nodes; null for sizes that are not known. */
export interface AttentionLens {
  readonly kind: "attention";
  readonly line: number;
  /** Row of the node that stands for the block. */
  readonly key: string;
  readonly label: string;
  readonly heads: number | null;
  readonly headDim: number | null;
  readonly queries: number | null;
  readonly keys: number | null;
  /** Of scores, softmax and weighted sum. */
  readonly flops: number | null;
  readonly share: number | null;
}

export interface FixLens {
  readonly kind: "fix";
  readonly line: number;
  readonly offer: Offer;
}

export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly key: string;
  /** Line of the text view. */
  readonly line: number;
  readonly message: string;
  readonly fixes: readonly Offer[];
}

export interface OpenParams {
  readonly path: string;
  /** Dims remembered from an earlier time. */
  readonly bindings?: Bindings;
  /** Edits to replay: hot exit, crash recovery, recipes. Refused when `fingerprint` is given and differs. */
  readonly actions?: readonly ActionCall[];
  readonly fingerprint?: Fingerprint;
}

export interface OpenProgress {
  readonly phase: "index" | "shapes" | "costs" | "replay";
  readonly fraction: number;
}

export interface SaveParams {
  /** Absent: over the opened file, refused as stale when it changed on disk. */
  readonly path?: string;
  /** Save a copy and leave the document as it is (dirty state, save point, path). */
  readonly copy?: boolean;
  /** Write all external data of the model into one new side file, without what no tensor uses. */
  readonly compact?: boolean;
}

export interface SaveProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

/** What the user should know of a save that went well. */
export interface SaveNote {
  /** The weights left the model file, which would have passed 2 GiB; or a data file beside it has no tensor of it now. */
  readonly kind: "outgrown" | "unneeded";
  readonly message: string;
}

export interface SaveResult {
  readonly path: string;
  readonly sideFiles: readonly string[];
  readonly notes: readonly SaveNote[];
  readonly bytes: number;
  readonly fingerprint: Fingerprint;
  readonly change: Change;
}

/** Everything needed to bring unsaved edits back: a few kilobytes, whatever the model's size. */
export interface Backup {
  readonly version: 1;
  readonly fingerprint: Fingerprint;
  readonly actions: readonly ActionCall[];
  readonly bindings: Bindings;
}

/** The only way into the engine. One engine holds one open model. */
export interface EngineApi extends AttentionApi, ParametersApi {
  open(params: OpenParams): ModelSummary;
  summary(params: Record<string, never>): ModelSummary;
  bind(params: { readonly bindings: Bindings }): ModelSummary;
  overview(params: Record<string, never>): Overview;
  series(params: { readonly dim: string }): Series | null;
  rows(params: RowQuery): RowPage;
  /** Index of the row with that key under the query, opening its folded modules; -1 when filtered out. */
  locate(params: { readonly key: string; readonly query: RowQuery }): {
    readonly index: number;
    readonly toggled: readonly string[];
  };
  detail(params: { readonly key: string }): RowDetail;
  /** All rows of the query as text. */
  exportRows(params: { readonly query: RowQuery; readonly format: "csv" | "json" | "tsv" }): {
    readonly text: string;
  };
  /** Of a node, of all nodes of a module, or with the key "" of the model as a whole. */
  offers(params: { readonly key: string }): {
    readonly offers: readonly Offer[];
    readonly refusals: readonly Refusal[];
  };
  preview(params: { readonly call: ActionCall }): Preview;
  /** What calls would do to the model as a whole; nothing is changed. */
  effect(params: { readonly calls: readonly ActionCall[] }): Effect;
  apply(params: { readonly calls: readonly ActionCall[] }): Change;
  undo(params: Record<string, never>): Change;
  redo(params: Record<string, never>): Change;
  save(params: SaveParams): SaveResult;
  /** Back to the file on disk as it is now: edits are dropped, everything is read anew. */
  revert(params: Record<string, never>): ModelSummary;
  backup(params: Record<string, never>): Backup;
  text(params: Record<string, never>): TextView;
  lenses(params: LensQuery): readonly Lens[];
  findings(params: Record<string, never>): readonly Finding[];
  nodeRef(params: { readonly key: string }): NodeRef;
  report(params: Record<string, never>): InspectReport;
  providers(params: Record<string, never>): readonly ProviderInfo[];
  profile(params: ProfileOptions): ProfileResult;
  clearProfile(params: Record<string, never>): ModelSummary;
}

export interface EngineEvents {
  openProgress: OpenProgress;
  saveProgress: SaveProgress;
  profileProgress: ProfileProgress;
  tensorProgress: TensorProgress;
}
