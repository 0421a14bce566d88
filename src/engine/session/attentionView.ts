import { type Algebra, algebraOf } from "../../core/analysis/attention/algebra";
import { ModelError } from "../../core/errors";
import type { Supposed } from "../../core/infer/infer";
import type { Inference } from "../../core/infer/types";
import { LIMITS } from "../../core/limits";
import type { TensorRef } from "../../core/model/types";
import { findAttention } from "../../core/patterns/attention/index";
import type { AttentionFindings } from "../../core/patterns/attention/types";
import type { TensorReader } from "../../core/tensor/reader";
import { elementCount } from "../../core/tensor/size";
import type { AttentionCurve, AttentionReport, CurveQuery } from "../../protocol/attention";
import type { Totals } from "../../protocol/engine";
import { attentionCurve } from "./attentionCurve";
import { lengthsOf } from "./attentionLengths";
import { attentionReport, type LengthSource } from "./attentionReport";
import type { ModelState } from "./state";

export interface AttentionTools {
  /** Shapes and costs of the model as it is, with other facts than the file's. */
  infer(suppose: Supposed): Inference;
  /** Elements of a stored mask; undefined where there are too many or they cannot be had. */
  readMask(tensor: TensorRef): ArrayLike<number> | undefined;
}

/** What attention costs in one state of the model: what the dims do not change is worked out once. */
export class AttentionView {
  private readonly state: ModelState;
  private readonly findings: AttentionFindings;
  private readonly algebra: Algebra;
  private readonly lengths: LengthSource;

  constructor(state: ModelState, tools: AttentionTools) {
    const { model } = state;
    const find = (inference: Inference) => findAttention(model, inference, tools.readMask);
    this.state = state;
    this.findings = find(state.inference);
    this.algebra = algebraOf(model, state.inference, this.findings);
    this.lengths = lengthsOf(state, this.algebra, this.findings, { infer: tools.infer, find });
  }

  report(totals: Totals): AttentionReport {
    return attentionReport({
      state: this.state,
      totals,
      algebra: this.algebra,
      mismatches: this.findings.mismatches,
      lengths: this.lengths,
    });
  }

  curve(query: CurveQuery, weightBytes: number): AttentionCurve {
    const { revision, bindings } = this.state;
    return attentionCurve({ revision, bindings, weightBytes, query, lengths: this.lengths });
  }
}

export function readMask(reader: TensorReader, tensor: TensorRef): ArrayLike<number> | undefined {
  const count = elementCount(tensor);
  if (!(count <= LIMITS.maskElements) || tensor.sparse !== undefined) {
    return undefined;
  }
  const values = new Float32Array(count);
  try {
    reader.floats(tensor, (chunk, first) => values.set(chunk, first));
  } catch (thrown) {
    if (thrown instanceof ModelError) {
      return undefined;
    }
    throw thrown;
  }
  return values;
}
