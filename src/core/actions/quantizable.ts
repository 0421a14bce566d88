import { isGivenOut, type Read, readsOf } from "../edit/graphs";
import type { Inference } from "../infer/types";
import { opsetOf } from "../model/opset";
import type { Graph, Model, TensorRef } from "../model/types";
import { canonicalDomain, operator } from "../ops/index";
import { elementCount } from "../tensor/reader";
import { initializer, opContext } from "./opContext";
import type { ActionContext } from "./types";

/** Below this the scales and the extra node eat what the weights save. */
const MIN_ELEMENTS = 4096;
/** DequantizeLinear learned scales per axis here, and float16 scales later. */
const PER_AXIS_OPSET = 13;
const HALF_SCALE_OPSET = 19;

/** A weight that can become int8 per channel, and who else reads it. */
export interface Possible {
  readonly weight: TensorRef;
  /** The node's input that reads it. */
  readonly index: number;
  readonly axis: number;
  /** Graph that stores the weight: the node's own or one around it. */
  readonly home: Graph;
  /** Inputs that read the same weight besides this one: those that the action could take, with their axis, and others. */
  readonly sharers: readonly (Read & { readonly axis: number })[];
  readonly keepers: readonly Read[];
}

/** Everything that decides about a node: the weight with its axis, or the reason against. */
export type Quantizable =
  | ({ readonly kind: "possible" } & Possible)
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "none" };

/** Looks at a node, and not at its weights. */
export function quantizable({ model, graph, node, inference }: ActionContext): Quantizable {
  const spec = operator(node.domain, node.opType, opsetOf(model, graph, node.domain));
  if (spec?.quant === undefined || canonicalDomain(node.domain) !== "") {
    return { kind: "none" };
  }
  const index = spec.quant.weight;
  const name = node.inputs[index] ?? "";
  const weight = name === "" ? undefined : initializer(graph, name);
  if (weight === undefined) {
    return { kind: "none" };
  }
  if (
    elementCount(weight) < MIN_ELEMENTS ||
    !(weight.dtype.startsWith("float") || weight.dtype === "bfloat16")
  ) {
    return { kind: "none" };
  }
  const refused = (reason: string): Quantizable => ({ kind: "refused", reason });
  const opset = opsetOf(model, graph, "");
  if (opset < PER_AXIS_OPSET) {
    return refused(
      `DequantizeLinear takes a scale for each channel from opset ${PER_AXIS_OPSET} on; this model imports ${opset}.`,
    );
  }
  if (weight.dtype === "float16" && opset < HALF_SCALE_OPSET) {
    return refused(
      `float16 weights need float16 scales, which DequantizeLinear takes from opset ${HALF_SCALE_OPSET} on; this model imports ${opset}.`,
    );
  }
  if (weight.dtype !== "float32" && weight.dtype !== "float16") {
    return refused(`Weights of type ${weight.dtype} are not handled.`);
  }
  if (weight.sparse !== undefined) {
    return refused("The weight is stored sparse; make it dense first.");
  }
  const home = homeOf(graph, name);
  if (home.inputs.some((input) => input.name === name)) {
    return refused("The weight is also a graph input, so that callers may replace it.");
  }
  if (isGivenOut(home, name)) {
    return refused("The weight is also a graph output, so that the floats must stay.");
  }
  const axis = spec.quant.channelAxis(opContext(graph, node, inference, opset));
  if (axis === undefined) {
    return refused("It is not clear which axis of the weight belongs to the output channels.");
  }
  const sharers: (Read & { readonly axis: number })[] = [];
  const keepers: Read[] = [];
  for (const read of readsOf(home, name)) {
    if (read.node !== node || read.index !== index) {
      const itsAxis = weightAxis(model, read, inference);
      if (itsAxis === undefined) {
        keepers.push(read);
      } else {
        sharers.push({ ...read, axis: itsAxis });
      }
    }
  }
  return { kind: "possible", weight, index, axis, home, sharers, keepers };
}

/** The axis of the output channels in the weight that an input reads; undefined where the action takes no weight. */
function weightAxis(model: Model, { graph, node, index }: Read, inference: Inference): number | undefined {
  const opset = opsetOf(model, graph, node.domain);
  const quant = canonicalDomain(node.domain) === "" ? operator("", node.opType, opset)?.quant : undefined;
  return quant?.weight === index ? quant.channelAxis(opContext(graph, node, inference, opset)) : undefined;
}

function homeOf(graph: Graph, name: string): Graph {
  let at = graph;
  while (!at.initializers.has(name) && at.parent !== undefined) {
    at = at.parent;
  }
  return at;
}
