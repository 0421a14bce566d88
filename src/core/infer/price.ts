import type { Trust } from "../../protocol/rows";
import { add, addAll, type Expr, mul } from "../expr";
import type { Node, TensorRef } from "../model/types";
import type { CostContext, GraphRuns, OpCost, OpSpec } from "../ops/spec";
import { type DType, isFloat, packedBytes } from "../tensor/dtype";
import { type Binding, bindingBytes } from "./scope";
import type { NodeCost } from "./types";

const UNPRICED: OpCost = {
  macs: undefined,
  other: undefined,
  trust: "unknown",
  rule: "no rule is known for this operator",
};

/**
 * Price of one node: the operator's arithmetic, and memory traffic by the rule that every distinct input is read once
 * and every output written once, unless the operator says otherwise. Amounts in MACs, FLOPs and bytes.
 */
export function priceOf(
  spec: OpSpec | undefined,
  ctx: CostContext,
  inputs: readonly (Binding | undefined)[],
  outputs: readonly (Binding | undefined)[],
): NodeCost {
  const cost = spec === undefined ? UNPRICED : spec.cost(ctx);
  const { macs, other } = cost;
  const flops = macs === undefined || other === undefined ? undefined : add(mul(2, macs), other);
  const weights = weightsOf(spec, ctx, inputs);
  return {
    macs,
    other,
    flops,
    readBytes: cost.readBytes ?? readBytes(ctx.node, inputs),
    writeBytes: cost.writeBytes ?? totalBytes(outputs),
    weightBytes: weights.bytes,
    params: weights.params,
    trust: flops === undefined ? "unknown" : cost.trust,
    rule: cost.rule,
  };
}

/** The price of something whose rule failed: its weights are known all the same. */
export function unknownPrice(
  node: Node,
  inputs: readonly (Binding | undefined)[],
  outputs: readonly (Binding | undefined)[],
  rule: string,
): NodeCost {
  const weights = weightsOf(undefined, undefined, inputs);
  return {
    macs: undefined,
    other: undefined,
    flops: undefined,
    readBytes: readBytes(node, inputs),
    writeBytes: totalBytes(outputs),
    weightBytes: weights.bytes,
    params: weights.params,
    trust: "unknown",
    rule,
  };
}

function readBytes(node: Node, inputs: readonly (Binding | undefined)[]): Expr | undefined {
  for (let i = 0; i < inputs.length; i++) {
    if (inputs[i] === undefined && node.inputs[i] !== "") {
      return undefined;
    }
  }
  return totalBytes(inputs);
}

/** Bytes of the distinct values. */
function totalBytes(bindings: readonly (Binding | undefined)[]): Expr | undefined {
  let total: Expr = 0;
  for (let i = 0; i < bindings.length; i++) {
    const binding = bindings[i];
    if (binding === undefined || bindings.indexOf(binding) !== i) {
      continue;
    }
    const size = bindingBytes(binding);
    if (size === undefined) {
      return undefined;
    }
    total = add(total, size);
  }
  return total;
}

/** Stored bytes and parameters of the distinct initializers that a node reads. */
function weightsOf(
  spec: OpSpec | undefined,
  ctx: CostContext | undefined,
  inputs: readonly (Binding | undefined)[],
): { readonly bytes: number; readonly params: number } {
  let bytes = 0;
  let params = 0;
  for (let i = 0; i < inputs.length; i++) {
    const tensor = inputs[i]?.tensor;
    if (tensor === undefined || inputs.indexOf(inputs[i]) !== i) {
      continue;
    }
    bytes += tensorBytes(tensor);
    const packed = ctx === undefined ? undefined : spec?.weightElements?.(ctx, i);
    params += packed ?? parametersOf(tensor);
  }
  return { bytes, params };
}

/** Bytes of a tensor as a kernel holds it: packed below 8 bits, dense also when stored sparse. 0 for strings. */
export function tensorBytes(tensor: TensorRef): number {
  return packedBytes(tensor.dtype, elementCount(tensor));
}

function elementCount(tensor: TensorRef): number {
  return tensor.dims.reduce((product, dim) => product * dim, 1);
}

const QUANTISED: ReadonlySet<DType> = new Set<DType>(["int8", "uint8", "int4", "uint4", "int2", "uint2"]);

/**
 * Elements that count as parameters: floating-point ones and those of 8 bits or fewer, which quantised weights have.
 * Wider integers are shapes, indices and quantised biases, booleans are masks: they count as bytes only.
 */
export function parametersOf(tensor: TensorRef): number {
  return isFloat(tensor.dtype) || QUANTISED.has(tensor.dtype) ? elementCount(tensor) : 0;
}

/** The price of a node inside a branch or a body, for all its runs. */
export function repeated(cost: NodeCost, runs: GraphRuns): NodeCost {
  const { count, rule } = runs;
  if (count === 0) {
    return { ...cost, macs: 0, other: 0, flops: 0, readBytes: 0, writeBytes: 0, trust: "exact", rule };
  }
  const times = (amount: Expr | undefined): Expr | undefined =>
    amount === undefined || count === undefined ? amount : mul(amount, count);
  const trust: Trust =
    cost.trust === "exact" && (!runs.exact || count === undefined) ? "estimate" : cost.trust;
  return {
    ...cost,
    macs: times(cost.macs),
    other: times(cost.other),
    flops: times(cost.flops),
    readBytes: times(cost.readBytes),
    writeBytes: times(cost.writeBytes),
    trust,
    rule: rule === "" ? cost.rule : `${cost.rule}; ${rule}`,
  };
}

/** The price of a call: the sum of its function's nodes. */
export function sumOfBody(costs: readonly NodeCost[], label: string): OpCost {
  const sum = (pick: (cost: NodeCost) => Expr | undefined): Expr | undefined => {
    const terms = costs.map(pick);
    return terms.every((term) => term !== undefined) ? addAll(terms as readonly Expr[]) : undefined;
  };
  const worst = (trust: Trust): boolean => costs.some((cost) => cost.trust === trust);
  const readBytes = sum((cost) => cost.readBytes);
  const writeBytes = sum((cost) => cost.writeBytes);
  return {
    macs: sum((cost) => cost.macs),
    other: sum((cost) => cost.other),
    trust: worst("unknown") ? "unknown" : worst("estimate") ? "estimate" : "exact",
    rule: `the sum of the ${costs.length} nodes of function ${label}`,
    ...(readBytes === undefined ? {} : { readBytes }),
    ...(writeBytes === undefined ? {} : { writeBytes }),
  };
}
