import type { TensorRef } from "../../../core/model/types";
import type { ErrorData } from "../../../protocol/problem";
import type { OpenFile } from "../../files/descriptorSource";
import type { Slot, SlotMemory } from "./slots";

/** What a worker is started with. Descriptors are those of the engine, so that all read the very same files. */
export interface ComputeSetup {
  readonly source: OpenFile;
  readonly sideFiles: { readonly [location: string]: OpenFile };
  readonly memory: SlotMemory;
}

/** Tensors to compute, numbered; in one message, so that those of one source still have it in common. */
export interface ComputeTask {
  readonly tensors: readonly { readonly id: number; readonly tensor: TensorRef }[];
}

export type ComputeAnswer =
  | (Slot & { readonly kind: "bytes"; readonly id: number })
  | { readonly kind: "done"; readonly id: number }
  | { readonly kind: "failed"; readonly id: number; readonly error: ErrorData };
