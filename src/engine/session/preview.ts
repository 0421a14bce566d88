import { actionNamed } from "../../core/actions/index";
import type { TensorReader } from "../../core/tensor/reader";
import type { ActionCall, Preview } from "../../protocol/actions";
import { findNode, labelOf } from "./apply";
import type { View } from "./view";

/** How far a call would move weights. An action that rounds none moves none. */
export function previewOf(view: View, call: ActionCall, reader: TensorReader): Preview {
  const { model, inference } = view.state;
  const action = actionNamed(call.action);
  const error =
    action.scope === "model"
      ? action.preview?.({ model, inference }, call.params, reader)
      : action.preview?.({ model, inference, ...findNode(model, call.target) }, call.params, reader);
  const { weightBytes } = view.totals.now();
  return (
    error ?? {
      label: labelOf([call]),
      weightBytesBefore: weightBytes,
      weightBytesAfter: weightBytes,
      weightSqnrDb: Number.POSITIVE_INFINITY,
      maxAbsError: 0,
      notes: [],
    }
  );
}
