import { NEWEST_IR, NEWEST_OPSET } from "../model/opset";
import type { ModelFindingRule } from "./types";

/** The installed onnxruntime refuses to load the model. */
export const tooNew: ModelFindingRule = {
  scope: "model",
  code: "too-new",
  severity: "warning",
  look({ model: { irVersion, opsets }, offers }) {
    const opset = opsets.get("") ?? 0;
    if (opset <= NEWEST_OPSET && irVersion <= NEWEST_IR) {
      return undefined;
    }
    const isNewOpset = opset > NEWEST_OPSET;
    return {
      message: isNewOpset
        ? `The model imports version ${opset} of ai.onnx; the installed onnxruntime runs ${NEWEST_OPSET} at most.`
        : `The file has version ${irVersion} of the ONNX format; the installed onnxruntime reads ${NEWEST_IR} at most.`,
      fixes: isNewOpset ? offers.filter(({ call }) => call.action === "changeOpset") : [],
    };
  },
};
