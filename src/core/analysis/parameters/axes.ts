import type { Inference } from "../../infer/types";
import { opsetOf } from "../../model/opset";
import type { Graph, Model, Node, TensorRef } from "../../model/types";
import { operator } from "../../ops/index";
import type { OpContext } from "../../ops/spec";
import type { TensorAxes } from "../../tensor/statistics/layout";
import { looksUp } from "./lookups";
import { handsOn, type Use, Uses } from "./uses";

/** Products with integer weights, by the input that holds the weight: their output channels are the last axis. */
const INTEGER_PRODUCTS: { readonly [op: string]: number } = {
  DynamicQuantizeMatMul: 1,
  MatMulInteger: 1,
  MatMulIntegerToFloat: 1,
  QLinearMatMul: 3,
};
const INTEGER_CONVOLUTIONS: { readonly [op: string]: number } = { ConvInteger: 1, QLinearConv: 3 };
const RECURRENT: ReadonlySet<string> = new Set(["LSTM", "GRU", "RNN"]);

export interface AxesOptions {
  readonly model: Model;
  readonly inference: Inference;
  readonly contextOf: (graph: Graph, node: Node, opset: number) => OpContext;
}

/** What the axes of a stored tensor mean to the first operator that says it; nothing where none does. */
export function axesOf(
  { name, graph, tensor }: { readonly name: string; readonly graph: Graph; readonly tensor: TensorRef },
  options: AxesOptions,
): TensorAxes {
  const uses = new Uses(options.model);
  const identity = tensor.dims.map((_, axis) => axis);
  return search(uses, options, graph, name, identity, 8) ?? {};
}

/** @param order axis i of the value is axis order[i] of the tensor */
function search(
  uses: Uses,
  options: AxesOptions,
  graph: Graph,
  value: string,
  order: readonly number[],
  left: number,
): TensorAxes | undefined {
  for (const use of uses.of(graph, value)) {
    const { node, index } = use;
    const said = axesIn(use, order.length, options);
    if (said !== undefined) {
      const back = (axis: number | undefined) => (axis === undefined ? undefined : order[axis]);
      const [channel, summed] = [back(said.channel), back(said.summed)];
      return {
        ...(channel === undefined ? {} : { channel }),
        ...(summed === undefined ? {} : { summed }),
        ...(said.rowsAreFirstAxis && channel === 0 ? { rowsAreFirstAxis: true } : {}),
      };
    }
    const next = left > 0 && index === 0 && handsOn(node) ? orderAfter(node, order) : undefined;
    const found =
      next === undefined
        ? undefined
        : search(uses, options, use.graph, node.outputs[0] ?? "", next, left - 1);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** Undefined where the shape changes as well. */
function orderAfter({ opType, attributes }: Node, order: readonly number[]): readonly number[] | undefined {
  if (opType === "Transpose") {
    const perm = attributes.get("perm");
    return perm?.type === "ints" ? perm.value.map((axis) => order[axis]!) : order.toReversed();
  }
  return /shape|squeeze|Flatten/i.test(opType) ? undefined : order;
}

function axesIn(use: Use, rank: number, { model, contextOf }: AxesOptions): TensorAxes | undefined {
  const { graph, node, index } = use;
  const opset = opsetOf(model, graph, node.domain);
  const quant = operator(node.domain, node.opType, opset)?.quant;
  if (quant?.weight === index) {
    const channel = quant.channelAxis(contextOf(graph, node, opset));
    return channel === undefined || rank < 2 ? undefined : productAxes(node.opType, channel, rank);
  }
  if (INTEGER_CONVOLUTIONS[node.opType] === index && rank > 2) {
    return productAxes("Conv", 0, rank);
  }
  if (INTEGER_PRODUCTS[node.opType] === index && rank >= 2) {
    return productAxes("MatMul", rank - 1, rank);
  }
  if (RECURRENT.has(node.opType) && (index === 1 || index === 2) && rank === 3) {
    return { channel: 1, summed: 2 };
  }
  return looksUp(use) && rank === 2 ? { channel: 0 } : undefined;
}

function productAxes(op: string, channel: number, rank: number): TensorAxes {
  if (op.includes("Conv")) {
    return { channel, summed: 1 - Math.min(channel, 1), rowsAreFirstAxis: channel === 0 };
  }
  return { channel, summed: channel === rank - 1 ? rank - 2 : rank - 1 };
}
