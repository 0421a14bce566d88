import type { Bindings, Totals } from "./engine";
import type { Problem } from "./problem";
import type { Amount, Trust } from "./rows";

/** What `onnxray inspect --json` prints. A field is never removed or changed in meaning without a new `schema`. */
export interface InspectReport {
  readonly schema: "onnxray.inspect/1";
  readonly model: {
    readonly file: string;
    readonly fileBytes: number;
    readonly graph: string;
    readonly producer: string;
    readonly irVersion: number;
    readonly opsets: readonly { readonly domain: string; readonly version: number }[];
    readonly nodes: number;
  };
  readonly dims: Bindings;
  readonly totals: Totals;
  readonly layers: readonly LayerReport[];
  readonly problems: readonly Problem[];
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
