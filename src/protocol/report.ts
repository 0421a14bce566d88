import type { ActionCall } from "./actions";
import type { AttentionBlock, AttentionCurve, AttentionReport, NotRecognised } from "./attention";
import type { Bindings, SaveNote, Totals } from "./engine";
import type { HeldValue, PeakMemory } from "./memory";
import type { ParametersReport, TensorRow, TensorStatistics } from "./parameters";
import type { Problem } from "./problem";
import type { ProfileResult } from "./profiler";
import type { Amount, LayerRow, MeasureKind, Trust } from "./rows";

/** What `onnxray inspect --json` prints. A field is never removed or changed in meaning without a new `schema`. */
export interface InspectReport {
  readonly schema: "onnxray.inspect/1";
  readonly model: {
    readonly file: string;
    /** Of the .onnx file alone. */
    readonly fileBytes: number;
    readonly externalBytes: number;
    readonly graph: string;
    readonly producer: string;
    readonly irVersion: number;
    readonly opsets: readonly { readonly domain: string; readonly version: number }[];
    readonly nodes: number;
  };
  readonly dims: Bindings;
  readonly totals: Totals;
  readonly peak: PeakReport;
  /** With `--group` only. */
  readonly modules?: readonly ModuleReport[];
  readonly layers: readonly LayerReport[];
  readonly problems: readonly Problem[];
}

/** What is held at the peak of activations; layers by their names. */
export interface PeakReport extends Pick<PeakMemory, "bytes"> {
  readonly at: string | null;
  readonly held: readonly (Omit<HeldValue, "layer"> & { readonly layer: string | null })[];
}

export interface ValueReport {
  readonly name: string;
  readonly dtype: string | null;
  /** At the bindings of `dims`; null for a dim, or for the whole shape, that is not known. */
  readonly shape: readonly (number | null)[] | null;
  /** The shape before binding: "batch", "sequence + past", 768. */
  readonly symbolicShape: readonly (number | string | null)[] | null;
}

export interface LayerReport {
  readonly name: string;
  readonly path: string;
  /** Graph path of Where: "" for the main graph. What a graph inside costs is counted at the node that runs it, too. */
  readonly graph: string;
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly ValueReport[];
  readonly outputs: readonly ValueReport[];
  readonly params: number;
  readonly weightBytes: number;
  readonly macs: Amount;
  readonly flops: Amount;
  readonly readBytes: Amount;
  readonly writeBytes: Amount;
  readonly trust: Trust;
  readonly timeMs?: number | null;
}

/** Sums over the nodes at and below a module. */
export type ModuleReport = Pick<
  LayerRow,
  | "path"
  | "nodes"
  | "params"
  | "weightBytes"
  | "macs"
  | "flops"
  | "readBytes"
  | "writeBytes"
  | "share"
  | "trust"
  | "unknownNodes"
>;

/** What `onnxray inspect --attention --json` prints. Nodes are named as in the layers of InspectReport. */
export interface AttentionInspectReport
  extends Pick<InspectReport, "model" | "dims" | "problems">,
    Pick<AttentionReport, "modes" | "noAxis" | "totals"> {
  readonly schema: "onnxray.attention/1";
  /** One for each of `modes`, in their order. */
  readonly curves: readonly Omit<AttentionCurve, "revision" | "whatIf">[];
  readonly blocks: readonly AttentionBlockReport[];
  readonly notRecognised: readonly (Pick<NotRecognised, "reason" | "edge"> & { readonly name: string })[];
}

export interface AttentionBlockReport extends Omit<AttentionBlock, "key" | "label"> {
  readonly name: string;
}

/** What `onnxray profile --json` prints. */
export interface ProfileReport
  extends Pick<InspectReport, "model" | "dims" | "totals" | "problems">,
    Omit<ProfileResult, "revision" | "bindings" | "nodes"> {
  readonly schema: "onnxray.profile/1";
  readonly layers: readonly TimedLayerReport[];
}

export interface TimedLayerReport extends Omit<LayerReport, "timeMs"> {
  /** Mean time of one run; null when no kernel could be joined to the layer. */
  readonly timeMs: number | null;
  readonly timeKind: MeasureKind;
  /** The execution provider that ran it. */
  readonly ranOn: string | null;
  /** The operator that onnxruntime ran in its place. */
  readonly ranAs: string | null;
}

/** A list of edits as a file: what `onnxray optimize --recipe` takes. */
export interface Recipe {
  readonly version: 1;
  readonly actions: readonly ActionCall[];
}

/** What `onnxray optimize --json` prints. */
export interface OptimizeReport {
  readonly schema: "onnxray.optimize/1";
  readonly input: string;
  readonly output: string;
  /** Paths of the data files that were written beside the output. */
  readonly sideFiles: readonly string[];
  readonly notes: readonly SaveNote[];
  readonly weightBytes: { readonly before: number; readonly after: number };
  /** Of the .onnx files alone. */
  readonly fileBytes: { readonly before: number; readonly after: number };
  readonly changes: readonly {
    readonly layer: string;
    readonly action: string;
    readonly title: string;
  }[];
  readonly recipe: Recipe;
}

/** What `onnxray compact --json` prints. */
export interface CompactReport
  extends Pick<OptimizeReport, "input" | "output" | "sideFiles" | "fileBytes" | "notes"> {
  readonly schema: "onnxray.compact/1";
  /** Of the data files that the model names. */
  readonly externalBytes: { readonly before: number; readonly after: number };
}

/** What `onnxray inspect --parameters --json` prints. */
export interface ParametersInspectReport
  extends Pick<InspectReport, "model" | "problems">,
    Pick<ParametersReport, "params" | "bytes" | "bitsPerWeight" | "gini" | "half" | "ninety" | "copies"> {
  readonly schema: "onnxray.parameters/1";
  readonly concentration: ParametersReport["concentration"];
  readonly tensors: readonly TensorReport[];
}

export interface TensorReport extends Omit<TensorRow, "tensor" | "usedBy"> {
  readonly name: string;
  /** Graph path of Where: "" for the main graph. */
  readonly graph: string;
  /** Names of the first layers that read it; `uses` counts all. */
  readonly usedBy: readonly string[];
}

/** What `onnxray inspect --tensor NAME --json` prints. */
export interface TensorInspectReport extends Pick<InspectReport, "model" | "problems"> {
  readonly schema: "onnxray.tensor/1";
  readonly tensor: TensorReport;
  readonly statistics: Omit<TensorStatistics, "revision" | "tensor">;
}
