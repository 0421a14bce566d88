import type { Preview } from "../../protocol/actions";
import { allNames, isRead } from "../edit/graphs";
import type { Edit, Patch } from "../edit/types";
import { ModelError } from "../errors";
import type { Attribute, Graph, Model, Node, TensorRef } from "../model/types";
import { canonicalDomain, operator } from "../ops/index";
import type { DType } from "../tensor/dtype";
import { channelLayout, channelScales, quantizeToInt8, storedScales } from "../tensor/int8PerChannel";
import { byteLength, elementCount } from "../tensor/reader";
import { initializer, opContext } from "./opContext";
import type { Action, ActionContext } from "./types";

const ID = "quantizeWeights";
const TITLE = "Quantise weights to int8 per channel";
/** Below this the scales and the extra node eat what the weights save. */
const MIN_ELEMENTS = 4096;
/** DequantizeLinear learned scales per axis here, and float16 scales later. */
const PER_AXIS_OPSET = 13;
const HALF_SCALE_OPSET = 19;

/** Everything that decides about a node: the weight with its axis, or the reason against. */
type Finding =
  | { readonly kind: "possible"; readonly weight: TensorRef; readonly index: number; readonly axis: number }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "none" };

/**
 * Weight-only int8: the weight becomes int8 with one scale for each output channel (symmetric, scale = max|w| / 127),
 * and a DequantizeLinear in front of the operator makes floats of it again. The file shrinks to about a quarter; what
 * happens to the time depends on what the runtime fuses.
 */
export const quantizeWeights: Action = {
  id: ID,
  title: TITLE,
  description:
    "Stores the weight as int8 with a scale for each output channel, behind a DequantizeLinear. " +
    "The file takes a quarter of the bytes; outputs change by the rounding of the weights.",

  answer(context) {
    const finding = examine(context);
    if (finding.kind === "none") {
      return { kind: "none" };
    }
    if (finding.kind === "refused") {
      return { kind: "refusal", refusal: { action: ID, title: TITLE, reason: finding.reason } };
    }
    const { weight, axis } = finding;
    const { weightBytesBefore, weightBytesAfter } = weightBytes(weight, axis);
    return {
      kind: "offer",
      offer: {
        call: { action: ID, target: targetOf(context.graph, context.node), params: {} },
        title: TITLE,
        detail: `${shape(weight)} weights become int8 with ${channelLayout(weight, axis).channels} scales`,
        weightBytesBefore,
        weightBytesAfter,
      },
    };
  },

  plan(context): Patch {
    const { weight, index, axis } = demandPossible(context);
    const { graph, node, model } = context;
    const label = `Quantise weights of ${nameOf(node)}`;
    const home = homeOf(graph, weight.name);
    const existing = existingDequantize(home, weight);
    if (existing !== undefined) {
      return { label, edits: [setInput(graph, node, index, existing), ...dropUnread(context, weight, home)] };
    }
    const fresh = freshNames(model);
    const quantized = fresh(`${weight.name}_quantized`);
    const scale = fresh(`${weight.name}_scale`);
    const output = fresh(`${weight.name}_dequantized`);
    const derived = (name: string, dtype: DType, dims: readonly number[], kernel: string): Edit => ({
      kind: "putTensor",
      graph: home.path,
      tensor: { name, dtype, dims, data: { kind: "derived", from: [weight], kernel, params: { axis } } },
    });
    return {
      label,
      edits: [
        derived(quantized, "int8", weight.dims, "int8PerChannelWeights"),
        derived(scale, weight.dtype, [channelLayout(weight, axis).channels], "int8PerChannelScales"),
        {
          kind: "addNode",
          graph: graph.path,
          before: node.id,
          node: {
            name: fresh(`${nameOf(node)}_DequantizeLinear`),
            domain: "",
            opType: "DequantizeLinear",
            inputs: [quantized, scale],
            outputs: [output],
            attributes: new Map<string, Attribute>([["axis", { type: "int", value: axis }]]),
            metadata: node.metadata,
          },
        },
        setInput(graph, node, index, output),
        ...dropUnread(context, weight, home),
      ],
    };
  },

  preview(context, _params, reader): Preview {
    const { weight, axis } = demandPossible(context);
    const { channels, inner } = channelLayout(weight, axis);
    const scales = storedScales(channelScales(weight, axis, reader), weight.dtype);
    let signal = 0;
    let noise = 0;
    let maxAbsError = 0;
    reader.floats(weight, (values, first) => {
      for (let index = 0; index < values.length; index++) {
        const value = values[index]!;
        const s = scales[Math.floor((first + index) / inner) % channels]!;
        const error = Math.abs(value - quantizeToInt8(value, s) * s);
        signal += value * value;
        noise += error * error;
        maxAbsError = Math.max(maxAbsError, error);
      }
    });
    return {
      label: `Quantise weights of ${nameOf(context.node)}`,
      ...weightBytes(weight, axis),
      weightSqnrDb: noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / noise),
      maxAbsError,
      notes: notesFor(context.node),
    };
  },
};

function examine({ model, graph, node, inference }: ActionContext): Finding {
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
  const refused = (reason: string): Finding => ({ kind: "refused", reason });
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
  if (homeOf(graph, name).inputs.some((input) => input.name === name)) {
    return refused("The weight is also a graph input, so that callers may replace it.");
  }
  const axis = spec.quant.channelAxis(opContext(graph, node, inference, opset));
  if (axis === undefined) {
    return refused("It is not clear which axis of the weight belongs to the output channels.");
  }
  return { kind: "possible", weight, index, axis };
}

function demandPossible(context: ActionContext): Extract<Finding, { readonly kind: "possible" }> {
  const finding = examine(context);
  if (finding.kind !== "possible") {
    throw new ModelError(
      "inconsistent",
      finding.kind === "refused"
        ? `${TITLE} is not possible at ${nameOf(context.node)}: ${finding.reason}`
        : `${nameOf(context.node)} has no large float weights.`,
      { graph: context.graph.path, node: nameOf(context.node) },
    );
  }
  return finding;
}

/** A DequantizeLinear that an earlier call made from the same weight, for another reader. */
function existingDequantize(home: Graph, weight: TensorRef): string | undefined {
  for (const tensor of home.initializers.values()) {
    const { data } = tensor;
    if (data.kind === "derived" && data.kernel === "int8PerChannelWeights" && data.from[0] === weight) {
      return home.nodes.find(
        ({ opType, inputs }) => opType === "DequantizeLinear" && inputs[0] === tensor.name,
      )?.outputs[0];
    }
  }
  return undefined;
}

function setInput(graph: Graph, node: Node, index: number, value: string): Edit {
  return { kind: "setInput", graph: graph.path, node: node.id, index, value };
}

/** Drops the weight when this node is all that reads it. */
function dropUnread({ graph, node }: ActionContext, weight: TensorRef, home: Graph): Edit[] {
  const without: Graph = {
    ...home,
    nodes: home.nodes.map((other) =>
      other === node ? { ...node, inputs: withoutFirst(node.inputs, weight.name) } : other,
    ),
  };
  const readElsewhere = graph === home ? isRead(without, weight.name) : true;
  return readElsewhere ? [] : [{ kind: "dropTensor", graph: home.path, name: weight.name }];
}

function withoutFirst(inputs: readonly string[], name: string): string[] {
  const index = inputs.indexOf(name);
  return inputs.filter((_, position) => position !== index);
}

function homeOf(graph: Graph, name: string): Graph {
  let at = graph;
  while (!at.initializers.has(name) && at.parent !== undefined) {
    at = at.parent;
  }
  return at;
}

function freshNames(model: Model): (wanted: string) => string {
  const taken = allNames(model);
  return (wanted) => {
    let name = wanted;
    for (let suffix = 2; taken.has(name); suffix++) {
      name = `${wanted}_${suffix}`;
    }
    taken.add(name);
    return name;
  };
}

function opsetOf(model: Model, graph: Graph, domain: string): number {
  let outermost = graph;
  while (outermost.parent !== undefined) {
    outermost = outermost.parent;
  }
  const owner = model.functions.find((definition) => definition.graph === outermost);
  return (owner?.opsets ?? model.opsets).get(canonicalDomain(domain)) ?? 1;
}

function weightBytes(
  weight: TensorRef,
  axis: number,
): { weightBytesBefore: number; weightBytesAfter: number } {
  const scaleBytes = channelLayout(weight, axis).channels * (weight.dtype === "float16" ? 2 : 4);
  return { weightBytesBefore: byteLength(weight), weightBytesAfter: elementCount(weight) + scaleBytes };
}

function targetOf(graph: Graph, node: Node): { readonly output: string; readonly graph?: string } {
  const output = node.outputs.find((name) => name !== "") ?? "";
  return graph.path === "" ? { output } : { output, graph: graph.path };
}

function nameOf(node: Node): string {
  return node.name || node.outputs.find((name) => name !== "") || node.opType;
}

function shape(tensor: TensorRef): string {
  return `${tensor.dtype}[${tensor.dims.join("×")}]`;
}

/** What measurements of onnxruntime showed; a user who reads "smaller" must not conclude "faster". */
function notesFor(node: Node): readonly string[] {
  if (node.opType === "Conv" || node.opType === "ConvTranspose") {
    return [
      "The file gets smaller. onnxruntime dequantises the weights of a convolution at every run on the CPU, so that it rarely gets faster.",
    ];
  }
  return [
    "onnxruntime's CPU provider fuses this form into MatMulNBits and then also rounds the activations to int8 (about 45 dB) unless session.qdq_matmulnbits_accuracy_level is 0.",
    "Fused, it is faster for a few tokens at a time and slower than float for many: measure it with Profile.",
  ];
}
