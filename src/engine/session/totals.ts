import { type MemoryPeak, MemoryPlan } from "../../core/analysis/memory";
import { parametersOf } from "../../core/infer/price";
import { opsetOf } from "../../core/model/opset";
import type { TensorRef } from "../../core/model/types";
import { operator } from "../../core/ops/index";
import { byteLength } from "../../core/tensor/size";
import type { Totals } from "../../protocol/engine";
import type { Amount } from "../../protocol/rows";
import { sumKnown } from "../table/amounts";
import { totalOf } from "./formulas";
import type { ModelState } from "./state";
import { tensorsOf } from "./weights";

/** The totals of one state of the model: what the dims do not change is worked out once. */
export class ModelTotals {
  private readonly state: ModelState;
  private readonly weights: Pick<Totals, "params" | "weightBytes" | "weightBytesByDtype">;
  private readonly coverage: Totals["coverage"];
  private readonly amounts: {
    readonly [figure in "macs" | "flops" | "readBytes" | "writeBytes"]: (value: number) => Amount;
  };
  private readonly memory: MemoryPlan;

  constructor(state: ModelState) {
    this.state = state;
    const counted = state.nodes.filter((_, position) => state.counted[position] === 1);
    const costs = counted.map((node) => state.inference.cost(node.id));
    this.weights = weightTotals(state);
    this.coverage = coverageOf(state);
    this.amounts = {
      macs: totalOf(costs, (cost) => cost.macs),
      flops: totalOf(costs, (cost) => cost.flops),
      readBytes: totalOf(costs, (cost) => cost.readBytes),
      writeBytes: totalOf(costs, (cost) => cost.writeBytes),
    };
    this.memory = new MemoryPlan(state.model, state.inference);
  }

  get weightBytes(): number {
    return this.weights.weightBytes;
  }

  /** The totals at the state's bindings. */
  now(): Totals {
    const { columns } = this.state;
    const peak = this.peak();
    return {
      ...this.weights,
      macs: this.amounts.macs(this.sum(columns.macs)),
      flops: this.amounts.flops(this.sum(columns.flops)),
      readBytes: this.amounts.readBytes(this.sum(columns.readBytes)),
      writeBytes: this.amounts.writeBytes(this.sum(columns.writeBytes)),
      peakActivationBytes: {
        value: peak.peakBytes ?? null,
        formula: "the largest sum of activations held at one node, as onnxruntime orders and plans them",
        trust: peak.peakBytes === undefined ? "unknown" : "estimate",
      },
      coverage: this.coverage,
    };
  }

  /** What is held for activations when it is most. */
  peak(): MemoryPeak {
    return this.memory.at(this.state.bindings);
  }

  private sum(column: Float64Array): number {
    return sumKnown(column, this.state.counted);
  }
}

/** Every stored tensor once, however many nodes read it. */
function weightTotals(state: ModelState): Pick<Totals, "params" | "weightBytes" | "weightBytesByDtype"> {
  const byDtype = new Map<string, { dtype: string; bytes: number; params: number }>();
  const add = (tensor: TensorRef, params: number, bytes: number) => {
    const entry = byDtype.get(tensor.dtype) ?? { dtype: tensor.dtype, bytes: 0, params: 0 };
    entry.bytes += bytes;
    entry.params += params;
    byDtype.set(tensor.dtype, entry);
  };
  const seen = new Set<TensorRef>();
  state.nodes.forEach((_, position) => {
    const tensors = tensorsOf(state, position);
    const packed = packs(state, position)
      ? state.amounts.params[position]! - tensors.reduce((sum, one) => sum + parametersOf(one), 0)
      : 0;
    const largest = tensors.reduce<TensorRef | undefined>(
      (best, one) => (best === undefined || byteLength(one) > byteLength(best) ? one : best),
      undefined,
    );
    for (const tensor of tensors) {
      if (!seen.has(tensor)) {
        seen.add(tensor);
        // An operator that packs several weights into one stored element says how many there really are.
        add(tensor, parametersOf(tensor) + (tensor === largest ? packed : 0), byteLength(tensor));
      }
    }
  });
  for (const graph of new Set(state.graphs).add(state.model.graph)) {
    for (const tensor of graph.initializers.values()) {
      if (!seen.has(tensor)) {
        seen.add(tensor);
        add(tensor, parametersOf(tensor), byteLength(tensor));
      }
    }
  }
  const weightBytesByDtype = [...byDtype.values()].sort((a, b) => b.bytes - a.bytes);
  return {
    params: weightBytesByDtype.reduce((sum, { params }) => sum + params, 0),
    weightBytes: weightBytesByDtype.reduce((sum, { bytes }) => sum + bytes, 0),
    weightBytesByDtype,
  };
}

function packs(state: ModelState, position: number): boolean {
  const { domain, opType } = state.nodes[position]!;
  const opset = opsetOf(state.model, state.graphs[position]!, domain);
  return operator(domain, opType, opset)?.weightElements !== undefined;
}

function coverageOf(state: ModelState): Totals["coverage"] {
  const trusts = { exact: 0, estimate: 0, unknown: 0 };
  const unknownOps = new Map<string, { op: string; domain: string; nodes: number }>();
  state.nodes.forEach((node, position) => {
    if (state.counted[position] !== 1) {
      return;
    }
    const trust = state.amounts.trust[position]!;
    trusts[trust]++;
    if (trust === "unknown") {
      const key = `${node.domain}:${node.opType}`;
      const entry = unknownOps.get(key) ?? { op: node.opType, domain: node.domain, nodes: 0 };
      entry.nodes++;
      unknownOps.set(key, entry);
    }
  });
  return {
    nodes: trusts.exact + trusts.estimate + trusts.unknown,
    ...trusts,
    unknownOps: [...unknownOps.values()].sort((a, b) => b.nodes - a.nodes),
  };
}
