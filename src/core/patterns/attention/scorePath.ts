import type { Node } from "../../model/types";
import { isCarrier, isOp, type SearchGraph } from "./graph";
import { type Operands, operandsOf } from "./products";

/** Something that is added to the scores, or chosen in place of some. */
export interface MaskOperand {
  readonly kind: "added" | "chosen";
  readonly node: Node;
  readonly value: string;
}

export interface ScorePath {
  readonly product: Node;
  readonly operands: Operands;
  /** Scaling, masking, casts between the product and Softmax. */
  readonly between: readonly Node[];
  readonly masks: readonly MaskOperand[];
}

/** Where the walk ended instead, and why. */
export interface DeadEnd {
  readonly reason: string;
  readonly value: string;
  readonly from: Node | undefined;
  readonly to: Node;
}

const MAX_STEPS = 32;
const UNARY = ["Neg", "Tanh", "Clip", "Slice", "Softcap"];

/** Walks from what Softmax reads back to the product of queries and keys. */
export function findScores(search: SearchGraph, value: string, reader: Node): ScorePath | DeadEnd {
  return walkBack(search, value, reader, MAX_STEPS);
}

function walkBack(search: SearchGraph, value: string, reader: Node, steps: number): ScorePath | DeadEnd {
  const from = search.maker(value);
  const dead = (reason: string): DeadEnd => ({ reason, value, from, to: reader });
  if (from === undefined) {
    return dead("nothing in the graph makes what it normalises");
  }
  const operands = operandsOf(from);
  if (operands !== undefined) {
    const stored = [operands.left, operands.right].find((operand) => search.isStored(operand));
    return stored === undefined
      ? { product: from, operands, between: [], masks: [] }
      : {
          reason: "what it normalises is a product with a weight, not of two activations",
          value: stored,
          from: search.maker(stored),
          to: from,
        };
  }
  if (steps === 0) {
    return dead("no product of two activations was found on the way");
  }
  const choices = choicesOf(search, from);
  if (choices.length === 0) {
    return dead(`${from.opType} is no step between a product of queries and keys and its Softmax`);
  }
  let first: DeadEnd | undefined;
  for (const { next, masks } of choices) {
    const found = walkBack(search, next, from, steps - 1);
    if ("product" in found) {
      return { ...found, between: [from, ...found.between], masks: [...masks, ...found.masks] };
    }
    first ??= found;
  }
  return first ?? dead("it reads weights alone");
}

interface Choice {
  readonly next: string;
  readonly masks: readonly MaskOperand[];
}

/** Inputs through which the scores can have come, the likeliest first. */
function choicesOf(search: SearchGraph, node: Node): readonly Choice[] {
  const [a = "", b = "", c = ""] = node.inputs;
  const live = (values: readonly string[]) =>
    values.filter((value) => value !== "" && !search.isStored(value) && search.isActivation(value));
  if (isCarrier(node) || isOp(node, ...UNARY)) {
    return live([a]).map((next) => ({ next, masks: [] }));
  }
  if (isOp(node, "Mul", "Div", "Min", "Max")) {
    return live([a, b]).map((next) => ({ next, masks: [] }));
  }
  if (isOp(node, "Add", "Sub", "Sum")) {
    return live(node.inputs).map((next) => ({
      next,
      masks: node.inputs
        .filter((input) => input !== next && input !== "")
        .map((input) => ({ kind: "added", node, value: input }) as const),
    }));
  }
  if (isOp(node, "Where")) {
    return live([b, c]).map((next) => ({ next, masks: [{ kind: "chosen", node, value: a }] }));
  }
  if (isOp(node, "Concat")) {
    return live(node.inputs).map((next) => ({ next, masks: [] }));
  }
  return [];
}
