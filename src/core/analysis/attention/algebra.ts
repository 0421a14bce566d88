import type { Expr } from "../../expr";
import { add } from "../../expr";
import type { Inference } from "../../infer/types";
import type { Model } from "../../model/types";
import type { AttentionFindings } from "../../patterns/attention/types";
import { sumOf } from "../sum";
import { type Axis, axesOf } from "./axes";
import { type Block, blocksOf } from "./block";

/** What attention costs, as formulas. */
export interface Algebra {
  readonly inference: Inference;
  readonly blocks: readonly Block[];
  readonly axes: readonly Axis[];
  /** The symbol of n. */
  readonly name: string;
  /** Sums over the whole model; nodes without a figure are left out. */
  readonly model: { readonly flops: Expr; readonly macs: Expr; readonly bytes: Expr };
}

export function algebraOf(model: Model, inference: Inference, findings: AttentionFindings): Algebra {
  const costs = model.graph.nodes
    .map(({ id }) => inference.cost(id))
    .filter(({ countedBy }) => countedBy === undefined);
  return {
    inference,
    blocks: blocksOf(model, inference, findings),
    ...axesOf(model, inference, findings.regions),
    model: {
      flops: sumOf(costs.map(({ flops }) => flops)),
      macs: sumOf(costs.map(({ macs }) => macs)),
      bytes: add(
        sumOf(costs.map(({ readBytes }) => readBytes)),
        sumOf(costs.map(({ writeBytes }) => writeBytes)),
      ),
    },
  };
}
