import type { Bindings } from "./engine";
import type { MeasureKind } from "./rows";

export type ProviderId = "cpu" | "webgpu" | "cuda" | "tensorrt" | "dml" | "coreml";

export interface ProviderInfo {
  readonly id: ProviderId;
  readonly title: string;
  readonly available: boolean;
  /** Device and driver when available; why not, and what to do, otherwise. */
  readonly detail: string;
}

export interface ProfileOptions {
  readonly provider: ProviderId;
  /** Runs that are not counted; the first one pays for compilation and memory planning. */
  readonly warmup?: number;
  /** Upper bound of counted runs; fewer when the interval is narrow before. */
  readonly runs?: number;
  readonly maxSeconds?: number;
  /** 0 lets onnxruntime choose. */
  readonly threads?: number;
  readonly seed?: number;
  /** Turn graph optimisation off, so that every node has its own time. */
  readonly unfused?: boolean;
}

export interface ProfileProgress {
  readonly phase: "write" | "load" | "warmup" | "run" | "trace";
  readonly done: number;
  readonly total: number;
}

export interface NodeTime {
  /** Row key of LayerRow. */
  readonly key: string;
  /** Mean time of one run. */
  readonly ms: number;
  readonly kind: MeasureKind;
  readonly provider: string;
  /** The node as onnxruntime ran it, when it is not the node itself. */
  readonly ranAs?: string;
}

/** Activations held at once, in bytes. */
export interface MeasuredMemory {
  /**
   * The most that was held after any kernel of a run with all outputs: values as the kernels asked for them, and the
   * inputs, which the caller holds. Weights and what kernels need only while they run are not in it.
   */
  readonly peakBytes: number;
  /** What the file's own graph was estimated to need; onnxruntime runs an optimised one. Null when it is not known. */
  readonly estimatedBytes: number | null;
}

export interface ProfileResult {
  readonly revision: number;
  readonly provider: ProviderId;
  readonly device: string;
  readonly bindings: Bindings;
  readonly runs: number;
  readonly createMs: number;
  readonly firstRunMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly meanMs: number;
  readonly stdDevMs: number;
  /** Sum of the node times of one run, joined or not. */
  readonly nodesMs: number;
  /** Node time that could not be joined to a row, with the names it came under. */
  readonly unmappedMs: number;
  readonly unmapped: readonly {
    readonly name: string;
    readonly op: string;
    readonly ms: number;
    readonly provider: string;
  }[];
  readonly nodes: readonly NodeTime[];
  /** Null where onnxruntime does not say what it holds, as on other providers than the CPU. */
  readonly memory: MeasuredMemory | null;
  /** Nodes of the optimised graph by the provider that really ran them. */
  readonly placement: readonly { readonly provider: string; readonly nodes: number; readonly ms: number }[];
  /** Sentences the user must know: fallbacks, noise, generated inputs. */
  readonly notes: readonly string[];
}

/** An input to make: shape is bound; fill says how, from the input's name, dtype and use in the graph. */
export interface InputSpec {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly fill:
    | { readonly kind: "normal" }
    | { readonly kind: "integers"; readonly below: number }
    | { readonly kind: "constant"; readonly value: number }
    /** 0, 1, 2… along the last axis, starting again at `below`. */
    | { readonly kind: "arange"; readonly below: number };
}

export interface RunRequest {
  readonly modelPath: string;
  /** Folder of the model's side files when it is another one than the model's own; the model is then read into memory. */
  readonly externalFolder: string | null;
  readonly inputs: readonly InputSpec[];
  /** Outputs to copy back, as few and small as possible: every one costs time that is not the model's. */
  readonly fetches: readonly string[];
  /** Nodes of the model: bounds the number of traced runs, since each node writes an event. */
  readonly nodeCount: number;
  /** Write the graph that really ran; weights are written with it, so not for very large models. */
  readonly dumpOptimized: boolean;
  readonly options: Required<ProfileOptions>;
  /** Folder for traces; the caller removes it. */
  readonly scratch: string;
}

/** One kernel as onnxruntime's trace has it, averaged over the counted runs; a trace has them in order of execution. */
export interface TraceNode {
  /** "<op>_<nodeIndex>" for a node without a name. */
  readonly name: string;
  readonly op: string;
  readonly provider: string;
  /** Position in its graph's own list of nodes, Constant nodes left out; fused and added nodes come after the model's. */
  readonly nodeIndex: number;
  /** Time of one run, without that of kernels inside its branches and bodies. */
  readonly ms: number;
  /** Index in the trace of the If, Loop or Scan that ran it; -1 in the main graph. */
  readonly parent: number;
}

export interface RunResult {
  readonly device: string;
  readonly createMs: number;
  readonly firstRunMs: number;
  readonly runsMs: readonly number[];
  readonly trace: readonly TraceNode[];
  /**
   * The most that a run held at once for values that it made, weights, inputs and scratch of kernels left out; null
   * where onnxruntime keeps no account.
   */
  readonly heldBytes: number | null;
  /** Path of the optimised model that was run, inside `scratch`; null when it was not asked for or not written. */
  readonly optimizedModelPath: string | null;
}

/** What the child process serves. A crash of that process answers every pending request with an error. */
export interface ProfilerApi {
  /** Providers that this platform can have, cheap to ask. */
  candidates(params: Record<string, never>): readonly Pick<ProviderInfo, "id" | "title">[];
  /** Tries one of them with a tiny model; its driver may end the process. */
  probe(params: { readonly provider: ProviderId }): ProviderInfo;
  run(params: RunRequest): RunResult;
}

export interface ProfilerEvents {
  profileProgress: ProfileProgress;
}
