import type { TensorRole } from "../../../protocol/parameters";
import type { Dim } from "../../facts/fact";
import type { Graph, TensorRef } from "../../model/types";
import { canonicalDomain } from "../../ops/index";
import type { OpSpec } from "../../ops/spec";
import { isFloat } from "../../tensor/dtype";
import { elementCount } from "../../tensor/size";
import { looksUp, tableRole } from "./lookups";
import { formalName } from "./quantisation";
import type { Use, Uses } from "./uses";

/** What roles are told from. */
export interface RoleFacts {
  readonly uses: Uses;
  specOf(use: Use): OpSpec | undefined;
  /** Shape of a value as seen from a graph. */
  shapeOf(graph: Graph, value: string): readonly Dim[] | undefined;
}

/** Of several uses, the one that says most decides. */
const TELLING: readonly TensorRole[] = [
  "vocabulary",
  "positions",
  "weight",
  "norm",
  "bias",
  "scale",
  "zeroPoint",
  "constant",
];

/** Operators whose floating inputs beside the data say how it is done and were not trained. */
const SETTINGS: ReadonlySet<string> = new Set([
  "Clip",
  "Constant",
  "Equal",
  "Greater",
  "GreaterOrEqual",
  "Less",
  "LessOrEqual",
  "Max",
  "Min",
  "Mod",
  "OneHot",
  "Pad",
  "Pow",
  "Range",
  "Resize",
  "Upsample",
  "Where",
]);

export function roleOf(tensor: TensorRef, finalUses: readonly Use[], facts: RoleFacts): TensorRole {
  let best: TensorRole = "constant";
  for (const use of finalUses) {
    const role = roleInUse(tensor, use, facts);
    if (TELLING.indexOf(role) < TELLING.indexOf(best)) {
      best = role;
    }
  }
  return best;
}

function roleInUse(tensor: TensorRef, use: Use, facts: RoleFacts): TensorRole {
  const { node } = use;
  const spec = facts.specOf(use);
  const formal = formalName(spec, use.index);
  const named = roleByName(node.opType, formal);
  if (named !== undefined && canHold(tensor, named)) {
    return named;
  }
  const elements = elementCount(tensor);
  if (!isNumeric(tensor) || elements === 0) {
    return "constant";
  }
  if (looksUp(use)) {
    return tableRole(facts.uses, use, tensor.dims[0] ?? 0);
  }
  if (elements === 1 || SETTINGS.has(node.opType)) {
    return "constant";
  }
  if (canonicalDomain(node.domain) === "") {
    if (node.opType === "Add" || node.opType === "Sub") {
      return roleOfSummand(tensor, use, facts);
    }
    if ((node.opType === "Mul" || node.opType === "Div") && isVector(tensor) && isAfterNorm(use, facts)) {
      return "norm";
    }
    if (isVector(tensor) && isTurnedIntoAngles(use, facts)) {
      return "positions";
    }
  }
  return "weight";
}

/** What an operator's own name for the input says. */
function roleByName(op: string, formal: string): TensorRole | undefined {
  if (formal === "") {
    return undefined;
  }
  if (/zero_?point/i.test(formal)) {
    return "zeroPoint";
  }
  if (/gamma|beta|norm_scale|norm_weight/i.test(formal)) {
    return "norm";
  }
  if (/word_embedding$/.test(formal)) {
    return "vocabulary";
  }
  if (/position_embedding$|cos_cache|sin_cache|bias_table/.test(formal)) {
    return "positions";
  }
  if (/norm/i.test(op)) {
    return /^(scale|b|bias|mean|var|input_mean|input_var)$/i.test(formal) ? "norm" : undefined;
  }
  if (/(^|_)scales?(_|$)|^scale[ABCY]$/.test(formal) && !SETTINGS.has(op)) {
    return "scale";
  }
  if (/bias$/i.test(formal) && !/attention_bias|position_bias/.test(formal)) {
    return "bias";
  }
  return (formal === "B" && /Conv|LSTM|GRU|RNN|Gelu/.test(op)) || (formal === "C" && /Gemm/.test(op))
    ? "bias"
    : undefined;
}

const SHIFTS: ReadonlySet<TensorRole> = new Set(["bias", "norm", "zeroPoint"]);

/** Integers of 32 bits are biases of quantised layers and nothing else that is trained. */
function canHold(tensor: TensorRef, role: TensorRole): boolean {
  return isNumeric(tensor) || (SHIFTS.has(role) && tensor.dtype === "int32");
}

function isNumeric({ dtype }: TensorRef): boolean {
  return isFloat(dtype) || /^u?int[248]$/.test(dtype);
}

/** A bias, the shift of a normalisation, or a table of positions that is added as a whole. */
function roleOfSummand(tensor: TensorRef, use: Use, facts: RoleFacts): TensorRole {
  const other = use.node.inputs[1 - use.index] ?? "";
  if (isVector(tensor)) {
    const maker = facts.uses.origin(use.graph, other)?.node;
    const isShift = maker?.opType === "Mul" && maker.domain === "" && isNormMul(use.graph, other, facts);
    return isShift ? "norm" : "bias";
  }
  const { dims } = tensor;
  const shape = facts.shapeOf(use.graph, other);
  const [rows, columns] = [dims.at(-2) ?? 1, dims.at(-1) ?? 1];
  const leading = dims.slice(0, -2);
  const isForEachToken = shape?.length === 3 && leading.every((dim) => dim === 1) && rows > 1 && columns > 1;
  // One table for each head, added to the scores: distances between positions.
  const heads = leading.at(-1) ?? 1;
  const isForEachHead = shape?.length === 4 && heads > 1 && leading.slice(0, -1).every((dim) => dim === 1);
  return isForEachToken || isForEachHead ? "positions" : "constant";
}

/** The frequencies of rotary positions: what they multiply becomes an angle. */
function isTurnedIntoAngles({ graph, node }: Use, { uses }: RoleFacts): boolean {
  const after = (at: Graph, value = "") => uses.final(at, value);
  const isAngle = ({ node: { opType } }: Use) => opType === "Cos" || opType === "Sin";
  return after(graph, node.outputs[0]).some(
    (next) =>
      isAngle(next) ||
      (next.node.opType === "Concat" && after(next.graph, next.node.outputs[0]).some(isAngle)),
  );
}

/** Whether a value is a normalised one times its trained scale. */
function isNormMul(graph: Graph, value: string, facts: RoleFacts): boolean {
  const made = facts.uses.origin(graph, value);
  return (
    made !== undefined &&
    [0, 1].some((index) => {
      const factor = made.node.inputs[index] ?? "";
      const isStored = facts.uses.origin(made.graph, factor) === undefined;
      return isStored && isAfterNorm({ graph: made.graph, node: made.node, index }, facts);
    })
  );
}

/** Whether the other factor was divided by a root: x / √(variance), or x · (1 / √(mean square)). */
function isAfterNorm({ graph, node, index }: Use, { uses }: RoleFacts): boolean {
  const made = uses.origin(graph, node.inputs[1 - index] ?? "");
  if (made === undefined) {
    return false;
  }
  const isRoot = (value: string): boolean => {
    const root = uses.origin(made.graph, value)?.node;
    return root?.opType === "Sqrt" || root?.opType === "ReduceL2" || root?.opType === "Max";
  };
  switch (made.node.opType) {
    case "Div":
      return isRoot(made.node.inputs[1] ?? "");
    case "Mul":
      return made.node.inputs.some((value) => {
        const factor = uses.origin(made.graph, value);
        return (
          (factor?.node.opType === "Reciprocal" && isRootOf(uses, factor.graph, factor.node.inputs[0])) ||
          (factor?.node.opType === "Div" && isRootOf(uses, factor.graph, factor.node.inputs[1]))
        );
      });
    default:
      return /Normalization$/.test(made.node.opType);
  }
}

function isRootOf(uses: Uses, graph: Graph, value = ""): boolean {
  return uses.origin(graph, value)?.node.opType === "Sqrt";
}

/** One number for each channel. */
function isVector({ dims }: TensorRef): boolean {
  return dims.filter((dim) => dim !== 1).length <= 1;
}
