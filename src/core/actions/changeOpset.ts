import type { ParamSpec } from "../../protocol/actions";
import { ModelError } from "../errors";
import { NEWEST_OPSET } from "../model/opset";
import type { Model } from "../model/types";
import { changeOf } from "./opset/change";
import { type ModelAction, WHOLE_MODEL } from "./types";

const ID = "changeOpset";
const TITLE = "Change the operator set";
/** The newest one that all execution providers run. */
const WIDELY_RUN = 21;

/** Nodes of one operator set become those of another that compute the same. */
export const changeOpset: ModelAction = {
  scope: "model",
  id: ID,
  title: TITLE,
  description:
    "The model imports another version of ai.onnx, and nodes of operators that changed in between become what computes " +
    "the same there. Outputs stay the same. Where no rule is known, the operators are named. Lowered only where nothing " +
    "that the nodes use came later.",
  onRequest: true,

  answers({ model }) {
    const from = opsetIn(model);
    if (from === undefined) {
      return [];
    }
    const version = from < WIDELY_RUN ? WIDELY_RUN : NEWEST_OPSET;
    const params: readonly ParamSpec[] = [
      { name: "version", title: "Version of ai.onnx", kind: "number", default: version },
    ];
    return [
      {
        kind: "offer",
        offer: {
          call: { action: ID, target: WHOLE_MODEL, params: { version } },
          title: TITLE,
          detail: `From version ${from} of ai.onnx, which the model imports, to another one`,
          weightBytesBefore: 0,
          weightBytesAfter: 0,
          params,
        },
      },
    ];
  },

  plan(context, params) {
    const { model } = context;
    const from = opsetIn(model);
    const to = Number(params["version"] ?? Number.NaN);
    if (!Number.isInteger(to) || to < 1 || to > NEWEST_OPSET) {
      throw new ModelError(
        "usage",
        "Say which version of ai.onnx it is.",
        {},
        `The parameter is called version, a number from 1 to ${NEWEST_OPSET}.`,
      );
    }
    if (from === undefined || from === to) {
      const why =
        from === undefined ? "The model does not import ai.onnx." : `The model imports ${to} already.`;
      throw new ModelError("inconsistent", why);
    }
    const own = model.functions.find(({ opsets }) => opsets.has(""));
    if (own !== undefined) {
      throw new ModelError(
        "inconsistent",
        `The function ${own.name} imports an operator set of its own, which stays.`,
        { graph: own.graph.path },
      );
    }
    const { edits, reasons } = changeOf(context, from, to);
    if (reasons.size > 0) {
      const list = [...reasons].map(([op, reason]) => `${op} (${reason})`).join("; ");
      throw new ModelError("inconsistent", `No rule leads from ${from} to ${to} for ${list}.`);
    }
    return {
      label: `${to > from ? "Raise" : "Lower"} ai.onnx from ${from} to ${to}`,
      edits: [...edits, { kind: "setOpset", domain: "", version: to }],
    };
  },
};

function opsetIn({ opsets }: Model): number | undefined {
  return opsets.get("");
}
