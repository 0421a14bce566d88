import type { Preview } from "../../protocol/actions";
import { allNames, isGivenOut, type Read, readsOf } from "../edit/graphs";
import type { Edit, Patch } from "../edit/types";
import { ModelError } from "../errors";
import type { Attribute, Graph, Model, Node, TensorRef } from "../model/types";
import { canonicalDomain, operator } from "../ops/index";
import type { DType } from "../tensor/dtype";
import { channelLayout, int8Error } from "../tensor/int8PerChannel";
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
const WEIGHTS_KERNEL = "int8PerChannelWeights";
const SCALES_KERNEL = "int8PerChannelScales";

interface Possible {
  readonly weight: TensorRef;
  /** The node's input that reads it. */
  readonly index: number;
  readonly axis: number;
  /** Graph that stores the weight: the node's own or one around it. */
  readonly home: Graph;
  /** Inputs that read the same weight besides this one. */
  readonly others: readonly Read[];
}

/** Everything that decides about a node: the weight with its axis, or the reason against. */
type Finding =
  | ({ readonly kind: "possible" } & Possible)
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
    return {
      kind: "offer",
      offer: {
        call: { action: ID, target: targetOf(context.graph, context.node), params: {} },
        title: TITLE,
        detail:
          `${shape(weight)} weights become int8 with ${channelLayout(weight, axis).channels} scales` +
          sharing(context.model, finding),
        ...weightBytes(context.model, finding),
      },
    };
  },

  plan(context): Patch {
    const possible = demandPossible(context);
    const { weight, index, axis, home, others } = possible;
    const { graph, node, model } = context;
    const fresh = freshNames(model);
    const existing = existingCopy(possible);
    const quantized = existing?.quantized ?? fresh(`${weight.name}_quantized`);
    const scale = existing?.scale ?? fresh(`${weight.name}_scale`);
    const output = fresh(`${weight.name}_dequantized`);
    const derived = (name: string, dtype: DType, dims: readonly number[], kernel: string): Edit => ({
      kind: "putTensor",
      graph: home.path,
      tensor: { name, dtype, dims, data: { kind: "derived", from: [weight], kernel, params: { axis } } },
    });
    const copy: readonly Edit[] =
      existing === undefined
        ? [
            derived(quantized, "int8", weight.dims, WEIGHTS_KERNEL),
            derived(scale, weight.dtype, [channelLayout(weight, axis).channels], SCALES_KERNEL),
          ]
        : [];
    return {
      label: `Quantise weights of ${nameOf(node)}`,
      edits: [
        ...copy,
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
        { kind: "setInput", graph: graph.path, node: node.id, index, value: output },
        ...(others.length === 0
          ? [{ kind: "dropTensor", graph: home.path, name: weight.name } satisfies Edit]
          : []),
      ],
    };
  },

  preview(context, _params, reader): Preview {
    const possible = demandPossible(context);
    const { signal, noise, maxAbsError, notFinite } = int8Error(possible.weight, possible.axis, reader);
    return {
      label: `Quantise weights of ${nameOf(context.node)}`,
      ...weightBytes(context.model, possible),
      weightSqnrDb: noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / noise),
      maxAbsError,
      notes: [...notesFor(context.node), ...notFiniteNote(notFinite)],
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
  const others = readsOf(home, name).filter((read) => read.node !== node || read.index !== index);
  return { kind: "possible", weight, index, axis, home, others };
}

function demandPossible(context: ActionContext): Possible {
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

/** The int8 copy that an earlier call made of the same weight, for another reader. */
function existingCopy({
  home,
  weight,
  axis,
}: Possible): { readonly quantized: string; readonly scale: string } | undefined {
  let quantized: string | undefined;
  let scale: string | undefined;
  for (const { name, data } of home.initializers.values()) {
    if (data.kind === "derived" && data.from[0] === weight && data.params["axis"] === axis) {
      quantized = data.kernel === WEIGHTS_KERNEL ? name : quantized;
      scale = data.kernel === SCALES_KERNEL ? name : scale;
    }
  }
  return quantized === undefined || scale === undefined ? undefined : { quantized, scale };
}

/** Readers that this action never takes away from the weight: as long as there are some, its floats stay. */
function keepersOf(model: Model, { others }: Possible): readonly Read[] {
  return others.filter(({ graph, node, index }) => {
    const spec = operator(node.domain, node.opType, opsetOf(model, graph, node.domain));
    return canonicalDomain(node.domain) !== "" || spec?.quant?.weight !== index;
  });
}

function sharing(model: Model, possible: Possible): string {
  const [keeper] = keepersOf(model, possible);
  if (keeper !== undefined) {
    return `; the floats stay as well, since ${nameOf(keeper.node)} (${keeper.node.opType}) reads them`;
  }
  const { length } = possible.others;
  return length === 0
    ? ""
    : `; the floats go once the ${length === 1 ? "other layer that shares" : `${length} other layers that share`} them are quantised too`;
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

/** Stored bytes of the weight in all its forms, once every layer that shares it and can be is quantised. */
function weightBytes(
  model: Model,
  possible: Possible,
): { readonly weightBytesBefore: number; readonly weightBytesAfter: number } {
  const { weight, axis } = possible;
  const scaleBytes = channelLayout(weight, axis).channels * (weight.dtype === "float16" ? 2 : 4);
  const floats = byteLength(weight);
  const copy = elementCount(weight) + scaleBytes;
  return {
    weightBytesBefore: floats + (existingCopy(possible) === undefined ? 0 : copy),
    weightBytesAfter: copy + (keepersOf(model, possible).length > 0 ? floats : 0),
  };
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

function notFiniteNote(count: number): readonly string[] {
  return count === 0
    ? []
    : [
        `${count === 1 ? "One weight is" : `${count} weights are`} infinite or not a number; int8 cannot hold that, so ${count === 1 ? "it becomes" : "they become"} the largest value or 0.`,
      ];
}
