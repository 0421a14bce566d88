import type { Expr } from "../../expr";
import type { Supposed } from "../../infer/infer";
import type { Inference } from "../../infer/types";
import type { Model } from "../../model/types";
import type { TensorReader } from "../../tensor/reader";

/** The dim to open: an axis of inputs that all have the same size there. */
export interface Opening {
  readonly inputs: ReadonlySet<string>;
  readonly axis: number;
  readonly size: number;
  /** The symbol in its place. */
  readonly name: string;
}

export interface Task {
  readonly model: Model;
  /** What is known of the model as it is. */
  readonly before: Inference;
  readonly opening: Opening;
  /** The opened dim as a size. */
  readonly dim: Expr;
  readonly reader: TensorReader;
  /** Infers the model in its present state. */
  readonly infer: (suppose?: Supposed) => Inference;
}
