import type { Trust } from "../../protocol/rows";
import { add, type Expr, mul } from "../expr";
import type { Node, TensorRef } from "../model/types";
import { heldTensors } from "../ops/held";
import type { CostContext, GraphRuns, OpCost, OpSpec } from "../ops/spec";
import { type DType, isFloat } from "../tensor/dtype";
import { byteLength, elementCount } from "../tensor/size";
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
  weights: Weights,
): NodeCost {
  const cost = spec === undefined ? UNPRICED : spec.cost(ctx);
  const { macs, other } = cost;
  const flops = macs === undefined || other === undefined ? undefined : add(mul(2, macs), other);
  const { weightBytes, params } = amounts(weights);
  const price: NodeCost = {
    macs,
    other,
    flops,
    readBytes: "readBytes" in cost ? cost.readBytes : readBytes(ctx.node, inputs, heldBytes(spec, ctx.node)),
    writeBytes: "writeBytes" in cost ? cost.writeBytes : totalBytes(outputs),
    weightBytes,
    params,
    trust: flops === undefined ? "unknown" : cost.trust,
    rule: cost.rule,
  };
  const { parts, attention } = cost;
  return parts === undefined && attention === undefined
    ? price
    : {
        ...price,
        ...(parts === undefined ? {} : { parts }),
        ...(attention === undefined ? {} : { attention }),
      };
}

/** The price of what was not looked at. */
export function unpriced(rule: string): NodeCost {
  const nothing = { macs: undefined, other: undefined, flops: undefined } as const;
  const bytes = { readBytes: undefined, writeBytes: undefined, weightBytes: 0, params: 0 } as const;
  return { ...nothing, ...bytes, trust: "unknown", rule };
}

/** The price of something whose rule failed: its weights are known all the same. */
export function unknownPrice(
  node: Node,
  inputs: readonly (Binding | undefined)[],
  outputs: readonly (Binding | undefined)[],
  weights: Weights,
  rule: string,
): NodeCost {
  return {
    macs: undefined,
    other: undefined,
    flops: undefined,
    readBytes: readBytes(node, inputs),
    writeBytes: totalBytes(outputs),
    ...amounts(weights),
    trust: "unknown",
    rule,
  };
}

/** Bytes of what the node's attributes hold, all of which a run reads. */
function heldBytes(spec: OpSpec | undefined, node: Node): number {
  return spec?.held === undefined
    ? 0
    : heldTensors(spec, node).reduce((sum, tensor) => sum + byteLength(tensor), 0);
}

function readBytes(node: Node, inputs: readonly (Binding | undefined)[], more = 0): Expr | undefined {
  for (let i = 0; i < inputs.length; i++) {
    if (inputs[i] === undefined && node.inputs[i] !== "") {
      return undefined;
    }
  }
  return totalBytes(inputs, more);
}

/** Bytes of the distinct values. */
function totalBytes(bindings: readonly (Binding | undefined)[], more = 0): Expr | undefined {
  let total: Expr = more;
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

/** Parameters by stored tensor: what a node reads and holds itself and what is in the graphs that it runs. */
export type Weights = ReadonlyMap<TensorRef, number>;

const NO_WEIGHTS: Weights = new Map();

/** The distinct initializers that a node reads itself. */
export function weightsOf(
  spec: OpSpec | undefined,
  ctx: CostContext | undefined,
  inputs: readonly (Binding | undefined)[],
): Weights {
  let weights: Map<TensorRef, number> | undefined;
  for (let i = 0; i < inputs.length; i++) {
    const tensor = inputs[i]?.tensor;
    if (tensor !== undefined && weights?.has(tensor) !== true) {
      const packed = ctx === undefined ? undefined : spec?.weightElements?.(ctx, i);
      weights ??= new Map();
      weights.set(tensor, packed ?? parametersOf(tensor));
    }
  }
  return weights ?? NO_WEIGHTS;
}

/** What a node holds in attributes. */
export function heldWeights(spec: OpSpec | undefined, node: Node): Weights {
  return spec?.held === undefined
    ? NO_WEIGHTS
    : new Map(heldTensors(spec, node).map((tensor) => [tensor, parametersOf(tensor)]));
}

/** What a node and the graphs that it runs read, each tensor once. */
export function allWeights(own: Weights, inner: Iterable<Weights>): Weights {
  let all: Map<TensorRef, number> | undefined;
  for (const weights of inner) {
    all ??= new Map(own);
    for (const [tensor, parameters] of weights) {
      all.set(tensor, parameters);
    }
  }
  return all ?? own;
}

const NO_AMOUNTS = { weightBytes: 0, params: 0 };

function amounts(weights: Weights): Pick<NodeCost, "weightBytes" | "params"> {
  if (weights.size === 0) {
    return NO_AMOUNTS;
  }
  let weightBytes = 0;
  let params = 0;
  for (const [tensor, parameters] of weights) {
    weightBytes += byteLength(tensor);
    params += parameters;
  }
  return { weightBytes, params };
}

const QUANTISED: ReadonlySet<DType> = new Set<DType>(["int8", "uint8", "int4", "uint4", "int2", "uint2"]);

/**
 * Elements that count as parameters: floating-point ones and those of 8 bits or fewer, which quantised weights have.
 * Wider integers are shapes, indices and quantised biases, booleans are masks: they count as bytes only.
 */
export function parametersOf(tensor: TensorRef): number {
  return isFloat(tensor.dtype) || QUANTISED.has(tensor.dtype) ? elementCount(tensor) : 0;
}

/** The price of a node inside a branch or a body for all its runs, as people see it. */
export function repeated(cost: NodeCost, runs: GraphRuns): NodeCost {
  const { count, rule } = runs;
  if (count === 0) {
    const { parts: _, ...rest } = cost;
    const nothing = { macs: 0, other: 0, flops: 0, readBytes: 0, writeBytes: 0 } as const;
    return { ...rest, ...nothing, trust: "exact", rule, runs: 0 };
  }
  const often = (amount: Expr): Expr => (count === undefined ? amount : mul(amount, count));
  const times = (amount: Expr | undefined): Expr | undefined =>
    amount === undefined ? undefined : often(amount);
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
    runs: count,
    ...(cost.parts === undefined
      ? {}
      : {
          parts: cost.parts.map(({ part, macs, other }) => ({
            part,
            macs: often(macs),
            other: often(other),
          })),
        }),
  };
}
