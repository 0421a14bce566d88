import { freshName } from "../edit/graphs";
import type { Edit, Patch } from "../edit/types";
import { ModelError } from "../errors";
import type { Attribute, Node, TensorRef } from "../model/types";
import { channelLayout } from "../tensor/channels";
import { int8Error } from "../tensor/int8PerChannel";
import { copiesOf, planCopy, weightBytes } from "./int8Copies";
import { nameOf, targetOf } from "./naming";
import { type Possible, quantizable } from "./quantizable";
import type { ActionContext, NodeAction, WeightError } from "./types";

const ID = "quantizeWeights";
const TITLE = "Quantise weights to int8 per channel";

/**
 * Weight-only int8: the weight becomes int8 with one scale for each output channel (symmetric, scale = max|w| / 127),
 * and a DequantizeLinear in front of the operator makes floats of it again. The file shrinks to about a quarter; what
 * happens to the time depends on what the runtime fuses.
 */
export const quantizeWeights = {
  scope: "node",
  id: ID,
  title: TITLE,
  description:
    "Stores the weight as int8 with a scale for each output channel, behind a DequantizeLinear. " +
    "The file takes a quarter of the bytes; outputs change by the rounding of the weights.",

  answer(context) {
    const finding = quantizable(context);
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
          sharing(finding),
        ...weightBytes(context.graph, finding),
      },
    };
  },

  plan(context): Patch {
    const possible = demandPossible(context);
    const { weight, index, axis, home, sharers, keepers } = possible;
    const { graph, node, model } = context;
    const existing = copiesOf(weight).find((copy) => copy.graph === graph && copy.axis === axis);
    // Beside its reader, also when the floats were outside: onnxruntime fuses no weight from another graph.
    const { quantized, scale } =
      existing ??
      planCopy(
        weight,
        { graph, axis },
        {
          quantized: freshName(model, `${weight.name}_quantized`),
          scale: freshName(model, `${weight.name}_scale`),
        },
      );
    const output = freshName(model, `${weight.name}_dequantized`, [quantized.name, scale.name]);
    const put = (tensor: TensorRef): Edit => ({ kind: "putTensor", graph: graph.path, tensor });
    return {
      label: `Quantise weights of ${nameOf(node)}`,
      edits: [
        ...(existing === undefined ? [put(quantized), put(scale)] : []),
        {
          kind: "addNode",
          graph: graph.path,
          before: node.id,
          node: {
            name: freshName(model, `${nameOf(node)}_DequantizeLinear`, [quantized.name, scale.name, output]),
            domain: "",
            opType: "DequantizeLinear",
            inputs: [quantized.name, scale.name],
            outputs: [output],
            attributes: new Map<string, Attribute>([["axis", { type: "int", value: axis }]]),
            metadata: node.metadata,
          },
        },
        { kind: "setInput", graph: graph.path, node: node.id, index, value: output },
        ...(sharers.length + keepers.length === 0
          ? [{ kind: "dropTensor", graph: home.path, name: weight.name } satisfies Edit]
          : []),
      ],
    };
  },

  preview(context, _params, reader): WeightError {
    const possible = demandPossible(context);
    const { signal, noise, maxAbsError, notFinite } = int8Error(possible.weight, possible.axis, reader);
    return {
      label: `Quantise weights of ${nameOf(context.node)}`,
      ...weightBytes(context.graph, possible),
      weightSqnrDb: noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / noise),
      maxAbsError,
      notes: [...notesFor(context.node), ...notFiniteNote(notFinite)],
    };
  },
} satisfies NodeAction;

function demandPossible(context: ActionContext): Possible {
  const finding = quantizable(context);
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

function sharing({ sharers, keepers: [keeper] }: Possible): string {
  if (keeper !== undefined) {
    return `; the floats stay as well, since ${nameOf(keeper.node)} (${keeper.node.opType}) reads them`;
  }
  return sharers.length === 0
    ? ""
    : `; the floats go once ${sharers.length === 1 ? "the other layer that shares them is" : `the ${sharers.length} other layers that share them are`} quantised too`;
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
