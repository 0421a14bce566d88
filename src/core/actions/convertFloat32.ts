import type { ParamSpec } from "../../protocol/actions";
import { allGraphs } from "../edit/graphs";
import { ModelError } from "../errors";
import { infer } from "../infer/infer";
import type { Model } from "../model/types";
import { bitsPerElement } from "../tensor/dtype";
import { elementCount } from "../tensor/size";
import { isHalf } from "./float32/half";
import { widened } from "./float32/widened";
import { counted } from "./naming";
import { type ModelAction, WHOLE_MODEL } from "./types";

const ID = "convertFloat32";
const TITLE = "Convert to float32";
const SMALL = 256;

const PARAMS: readonly ParamSpec[] = [
  { name: "keepInterface", title: "Inputs and outputs stay as they are", kind: "flag", default: false },
];

/** Everything of float16 and bfloat16 becomes float32, which holds all their values. */
export const convertFloat32: ModelAction = {
  scope: "model",
  id: ID,
  title: TITLE,
  description:
    "Weights, constants, inputs, outputs and arithmetic of float16 and bfloat16 become float32; Casts that then change " +
    "nothing go. No weight is rounded, and results are no longer rounded in between.",
  params: PARAMS,
  onRequest: true,

  answers({ model }) {
    const { tensors, bytes } = halfWeights(model);
    const infos = [...model.graph.inputs, ...model.graph.outputs].filter(({ dtype }) => isHalf(dtype));
    return tensors === 0 && infos.length === 0
      ? []
      : [
          {
            kind: "offer",
            offer: {
              call: { action: ID, target: WHOLE_MODEL, params: { keepInterface: false } },
              title: TITLE,
              detail: `${counted(tensors, "weight")} of 16 bits become float32, in twice the bytes; nothing is rounded`,
              weightBytesBefore: bytes,
              weightBytesAfter: 2 * bytes,
              params: PARAMS,
            },
          },
        ];
  },

  plan({ model, inference }, params, reader) {
    const edits = widened({
      model,
      inference,
      keepInterface: params["keepInterface"] === true,
      reader,
      infer: () => infer(model, { readSmall: (tensor) => reader.small(tensor, SMALL) }),
    });
    if (edits.length === 0) {
      throw new ModelError("inconsistent", "Nothing in the model is float16 or bfloat16.");
    }
    return { label: TITLE, edits };
  },
};

function halfWeights(model: Model): { readonly tensors: number; readonly bytes: number } {
  let tensors = 0;
  let bytes = 0;
  for (const { initializers } of allGraphs(model)) {
    for (const tensor of initializers.values()) {
      if (isHalf(tensor.dtype)) {
        tensors += 1;
        bytes += (elementCount(tensor) * bitsPerElement(tensor.dtype)) / 8;
      }
    }
  }
  return { tensors, bytes };
}
