import type { ParamSpec } from "../../protocol/actions";
import { allGraphs } from "../edit/graphs";
import { ModelError } from "../errors";
import type { Model } from "../model/types";
import { decodeFloats } from "../tensor/decode";
import { toHalf } from "../tensor/half";
import { elementCount } from "../tensor/size";
import { halfEdits } from "./float16/edits";
import { type Choice, type HalfPlan, planHalf } from "./float16/plan";
import { counted } from "./naming";
import { type ModelAction, type Params, WHOLE_MODEL } from "./types";

const ID = "convertFloat16";
const TITLE = "Convert to float16";
/** Cast names its type by a number from here on. */
const OPSET = 7;

const PARAMS: readonly ParamSpec[] = [
  {
    name: "keepInterface",
    title: "Inputs and outputs stay float32",
    kind: "flag",
    default: true,
  },
  {
    name: "keep",
    title: "Stay in float32",
    kind: "text",
    default: "",
    description:
      "Operators or names of nodes, separated by commas. Normalisations, Softmax, reductions and exponentials stay in any case.",
  },
];

/** Weights and the arithmetic that float16 is good enough for; what sums squares and exponentials stays in float32. */
export const convertFloat16: ModelAction = {
  scope: "model",
  id: ID,
  title: TITLE,
  description:
    "Stores weights as float16 and computes with them, in half the bytes. Normalisations, Softmax, reductions and " +
    "exponentials stay in float32, with Casts in between; constants beyond 65504 become the largest float16.",
  params: PARAMS,

  answers(context) {
    const { model } = context;
    const plan = planHalf(context, { keep: new Set(), keepInterface: true });
    const gain = gainOf(plan);
    if (gain.elements === 0) {
      return [];
    }
    const opset = model.opsets.get("") ?? 1;
    if (opset < OPSET) {
      const reason = `it takes opset ${OPSET} or newer; this model imports ${opset}.`;
      return [{ kind: "refusal", refusal: { action: ID, title: TITLE, reason } }];
    }
    const before = floatBytes(model);
    return [
      {
        kind: "offer",
        offer: {
          call: { action: ID, target: WHOLE_MODEL, params: { keepInterface: true, keep: "" } },
          title: TITLE,
          detail: `${counted(plan.weights.size, "weight")} and ${counted(plan.nodes.size, "node")} become float16; it is faster on GPUs, not on CPUs`,
          weightBytesBefore: before,
          weightBytesAfter: before + gain.bytes,
          params: PARAMS,
        },
      },
    ];
  },

  plan(context, params) {
    const choice = choiceOf(params);
    const plan = planHalf(context, choice);
    if (plan.weights.size === 0) {
      throw new ModelError("inconsistent", "No node that float16 is good enough for has float32 weights.");
    }
    if ((context.model.opsets.get("") ?? 1) < OPSET) {
      throw new ModelError("inconsistent", `${TITLE} takes opset ${OPSET} or newer.`);
    }
    return { label: TITLE, edits: halfEdits(context, plan, choice) };
  },

  preview(context, params, reader) {
    const plan = planHalf(context, choiceOf(params));
    let signal = 0;
    let noise = 0;
    let maxAbsError = 0;
    let beyond = 0;
    for (const { tensor } of plan.weights.values()) {
      const rounded = new Float32Array(1);
      reader.floats(tensor, (values) => {
        for (const value of values) {
          decodeFloats("float16", bytesOf(toHalf(value)), 1, rounded);
          const error = Math.abs(rounded[0]! - value);
          if (error < Number.POSITIVE_INFINITY) {
            signal += value * value;
            noise += error * error;
            maxAbsError = Math.max(maxAbsError, error);
          } else if (Number.isFinite(value)) {
            beyond += 1;
          }
        }
      });
    }
    const before = floatBytes(context.model);
    return {
      label: TITLE,
      weightBytesBefore: before,
      weightBytesAfter: before + gainOf(plan).bytes,
      weightSqnrDb: noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / noise),
      maxAbsError,
      notes: [
        "CPUs compute float16 as float32 with Casts around each operator, which takes longer: measure it with Profile on the device that will run it.",
        ...(beyond === 0
          ? []
          : [
              `${counted(beyond, "value")} beyond 65504 become the largest float16; masks are made of such values.`,
            ]),
      ],
    };
  },
};

function choiceOf({ keep, keepInterface }: Params): Choice {
  const names = typeof keep === "string" ? keep.split(",").map((name) => name.trim()) : [];
  return { keep: new Set(names.filter((name) => name !== "")), keepInterface: keepInterface !== false };
}

function gainOf({ weights }: HalfPlan): { readonly bytes: number; readonly elements: number } {
  let bytes = 0;
  let elements = 0;
  for (const { tensor, stays } of weights.values()) {
    const count = elementCount(tensor);
    elements += count;
    bytes += stays ? 2 * count : -2 * count;
  }
  return { bytes, elements };
}

function floatBytes(model: Model): number {
  let bytes = 0;
  for (const { initializers } of allGraphs(model)) {
    for (const tensor of initializers.values()) {
      bytes += tensor.dtype === "float32" ? 4 * elementCount(tensor) : 0;
    }
  }
  return bytes;
}

const pair = new Uint8Array(2);
function bytesOf(code: number): Uint8Array {
  pair[0] = code & 0xff;
  pair[1] = code >> 8;
  return pair;
}
