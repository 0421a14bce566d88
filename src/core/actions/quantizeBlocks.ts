import type { ParamSpec } from "../../protocol/actions";
import { freshName, isGivenOut, readsOf } from "../edit/graphs";
import type { Edit } from "../edit/types";
import { ModelError } from "../errors";
import type { Attribute, Graph, Node, TensorRef } from "../model/types";
import { type BlockForm, blockError, blockLayout } from "../tensor/blockQuantize";
import { byteLength, elementCount } from "../tensor/size";
import { fixedTensor } from "./constantResult";
import { nameOf, notPossible, targetOf } from "./naming";
import { isStandard } from "./rewire";
import type { ActionAnswer, ActionContext, NodeAction, Params } from "./types";

const ID = "quantizeBlocks";
const TITLE = "Quantise weights to 4 bits by blocks";
const DOMAIN = "com.microsoft";
/** Below this the scales and the extra inputs eat what the weights save. */
const MIN_ELEMENTS = 4096;
const BITS = [2, 4, 8] as const;
const BLOCKS = [16, 32, 64, 128, 256] as const;

const PARAMS: readonly ParamSpec[] = [
  {
    name: "bits",
    title: "Bits of a weight",
    kind: "choice",
    default: 4,
    choices: BITS.map((bits) => ({ value: bits, title: `${bits} bits` })),
  },
  {
    name: "block",
    title: "Weights that share a scale",
    kind: "choice",
    default: 32,
    choices: BLOCKS.map((block) => ({ value: block, title: `blocks of ${block}` })),
  },
  { name: "symmetric", title: "Without zero points", kind: "flag", default: true },
  {
    name: "accuracyLevel",
    title: "Activations",
    kind: "choice",
    default: 4,
    choices: [
      { value: 4, title: "rounded to int8: fast" },
      { value: 0, title: "as they are: exact, slow on CPUs" },
    ],
  },
];

/** MatMul or Gemm becomes onnxruntime's MatMulNBits, whose weights are small integers with a scale for each block. */
export const quantizeBlocks: NodeAction = {
  scope: "node",
  id: ID,
  title: TITLE,
  description:
    "MatMul and Gemm become com.microsoft MatMulNBits: 2, 4 or 8 bits for a weight and a scale for each block of 16 to " +
    "256, rounded to nearest as onnxruntime's own quantiser does. Runs in onnxruntime only.",
  params: PARAMS,
  onRequest: true,

  answer(context): ActionAnswer {
    const found = look(context);
    if (found === undefined) {
      return { kind: "none" };
    }
    if ("reason" in found) {
      return { kind: "refusal", refusal: { action: ID, title: TITLE, reason: found.reason } };
    }
    const params = { bits: 4, block: 32, symmetric: true, accuracyLevel: 4 };
    const before = byteLength(found.weight);
    return {
      kind: "offer",
      offer: {
        call: { action: ID, target: targetOf(context.graph, context.node), params },
        title: TITLE,
        detail: `${found.weight.dtype}[${found.weight.dims.join("×")}] weights become 4-bit codes with a scale for each 32 of them`,
        weightBytesBefore: before,
        weightBytesAfter: packedSize(found, formOf(params, found)) + (found.stays ? before : 0),
        params: PARAMS,
      },
    };
  },

  plan(context, params) {
    const layer = demand(context);
    return {
      label: `Quantise weights of ${nameOf(context.node)} by blocks`,
      edits: edits(context, layer, params),
    };
  },

  preview(context, params, reader) {
    const layer = demand(context);
    const form = formOf(params, layer);
    const { signal, noise, maxAbsError, notFinite } = blockError(layer.weight, form, reader);
    const before = byteLength(layer.weight);
    return {
      label: `Quantise weights of ${nameOf(context.node)} by blocks`,
      weightBytesBefore: before,
      weightBytesAfter: packedSize(layer, form) + (layer.stays ? before : 0),
      weightSqnrDb: noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / noise),
      maxAbsError,
      notes: [
        "Several times faster than float32 for a few tokens at a time on CPUs, and about as fast or slower for many: measure it with Profile.",
        ...(notFinite === 0
          ? []
          : [`${notFinite} weights are infinite or not a number, which codes cannot hold.`]),
      ],
    };
  },
};

interface Layer {
  readonly weight: TensorRef;
  readonly home: Graph;
  readonly rowsAreOutputs: boolean;
  readonly bias: string;
  /** Something else reads the floats. */
  readonly stays: boolean;
}

function look({
  graph,
  node,
  model,
  inference,
}: ActionContext): Layer | { readonly reason: string } | undefined {
  if (!isStandard(node, "MatMul", "Gemm")) {
    return undefined;
  }
  const name = node.inputs[1] ?? "";
  const weight = fixedTensor(graph, name);
  const home = homeOf(graph, name);
  if (weight === undefined || home === undefined || elementCount(weight) < MIN_ELEMENTS) {
    return undefined;
  }
  if (model.functions.some((definition) => definition.graph === graph)) {
    return { reason: "a function can hold no new weights." };
  }
  if (weight.dims.length !== 2 || weight.sparse !== undefined) {
    return {
      reason: `MatMulNBits takes matrices; this weight is ${weight.sparse ? "sparse" : `[${weight.dims.join(", ")}]`}.`,
    };
  }
  if (weight.dtype !== "float32" && weight.dtype !== "float16") {
    return { reason: `MatMulNBits takes float32 and float16; this weight is ${weight.dtype}.` };
  }
  const bias = isStandard(node, "Gemm") ? gemmBias(node) : "";
  if (bias === undefined) {
    return { reason: "this Gemm scales its operands or transposes the first one." };
  }
  const rowsAreOutputs = isStandard(node, "Gemm") && flag(node, "transB");
  const outputs = weight.dims[rowsAreOutputs ? 0 : 1];
  const biasShape = bias === "" ? undefined : inference.fact(graph, bias).shape;
  if (bias !== "" && (biasShape?.length !== 1 || biasShape[0] !== outputs)) {
    return { reason: "what this Gemm adds is no bias with one number for each output." };
  }
  const stays = isGivenOut(home, name) || readsOf(home, name).some((read) => read.node !== node);
  return { weight: { ...weight, name }, home, rowsAreOutputs, bias, stays };
}

function homeOf(graph: Graph, name: string): Graph | undefined {
  for (let at: Graph | undefined = graph; at !== undefined; at = at.parent) {
    if (at.initializers.has(name)) {
      return at;
    }
  }
  return undefined;
}

/** The bias of a Gemm that is nothing but a product and a sum; undefined for another. */
function gemmBias(node: Node): string | undefined {
  const float = (name: string) => {
    const found = node.attributes.get(name);
    return found?.type === "float" ? found.value : 1;
  };
  return float("alpha") === 1 && float("beta") === 1 && !flag(node, "transA")
    ? (node.inputs[2] ?? "")
    : undefined;
}

function flag(node: Node, name: string): boolean {
  const found = node.attributes.get(name);
  return found?.type === "int" && found.value !== 0;
}

function demand(context: ActionContext): Layer {
  const found = look(context);
  if (found === undefined || "reason" in found) {
    const reason = found?.reason ?? "it has no large float weights.";
    throw notPossible(TITLE, context.graph, context.node, reason);
  }
  return found;
}

function choice<T>(params: Params, name: string, values: readonly T[], fallback: T): T {
  const given = params[name];
  const value = given === undefined ? fallback : values.find((one) => String(one) === String(given));
  if (value === undefined) {
    throw new ModelError("usage", `${name} is one of ${values.join(", ")}, and not ${String(given)}.`);
  }
  return value;
}

function formOf(params: Params, { rowsAreOutputs }: Pick<Layer, "rowsAreOutputs">): BlockForm {
  return {
    bits: choice(params, "bits", BITS, 4),
    block: choice(params, "block", BLOCKS, 32),
    symmetric: choice(params, "symmetric", [true, false], true),
    rowsAreOutputs,
  };
}

function packedSize({ weight }: Layer, form: BlockForm): number {
  const { outputs, blocks, blockBytes, zeroBytes } = blockLayout(weight, form);
  const scale = weight.dtype === "float16" ? 2 : 4;
  return outputs * (blocks * (blockBytes + scale) + (form.symmetric ? 0 : zeroBytes));
}

function edits({ model, graph, node }: ActionContext, layer: Layer, params: Params): readonly Edit[] {
  const form = formOf(params, layer);
  const { weight } = layer;
  const { outputs, inputs, blocks, blockBytes, zeroBytes } = blockLayout(weight, form);
  const taken: string[] = [];
  const derived = (
    suffix: string,
    dtype: TensorRef["dtype"],
    dims: readonly number[],
    kernel: string,
  ): TensorRef => {
    const name = freshName(model, `${weight.name}_${suffix}`, taken);
    taken.push(name);
    return { name, dtype, dims, data: { kind: "derived", from: [weight], kernel, params: { ...form } } };
  };
  const codes = derived(`Q${form.bits}`, "uint8", [outputs, blocks, blockBytes], "blockWeights");
  const scales = derived("scales", weight.dtype, [outputs, blocks], "blockScales");
  const zeros = form.symmetric
    ? undefined
    : derived("zero_points", "uint8", [outputs, zeroBytes], "blockZeros");
  const put = (tensor: TensorRef): Edit => ({ kind: "putTensor", graph: graph.path, tensor });
  const optional = [zeros?.name ?? "", "", layer.bias];
  while (optional.at(-1) === "") {
    optional.pop();
  }
  const level = choice(params, "accuracyLevel", [4, 0], 4);
  const whole = (value: number): Attribute => ({ type: "int", value });
  return [
    ...(model.opsets.has(DOMAIN) ? [] : [{ kind: "setOpset", domain: DOMAIN, version: 1 } satisfies Edit]),
    put(codes),
    put(scales),
    ...(zeros === undefined ? [] : [put(zeros)]),
    { kind: "removeNode", graph: graph.path, node: node.id },
    {
      kind: "addNode",
      graph: graph.path,
      before: graph.nodes[graph.nodes.indexOf(node) + 1]?.id,
      node: {
        name: node.name === "" ? freshName(model, `${weight.name}_MatMulNBits`, taken) : node.name,
        domain: DOMAIN,
        opType: "MatMulNBits",
        inputs: [node.inputs[0]!, codes.name, scales.name, ...optional],
        outputs: [node.outputs[0]!],
        attributes: new Map<string, Attribute>([
          ["K", whole(inputs)],
          ["N", whole(outputs)],
          ["bits", whole(form.bits)],
          ["block_size", whole(form.block)],
          ...(level === 0 ? [] : [["accuracy_level", whole(level)] as const]),
        ]),
        metadata: node.metadata,
      },
    },
    ...(layer.stays
      ? []
      : [{ kind: "dropTensor", graph: layer.home.path, name: weight.name } satisfies Edit]),
  ];
}
