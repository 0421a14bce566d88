import type { Node } from "../../model/types";
import { isCarrier, isEitherOp, isOp, type SearchGraph } from "./graph";
import { operandsOf, type Product, productOf } from "./products";

/** Something that is added to the scores, or chosen in place of some. */
export interface MaskOperand {
  readonly kind: "added" | "chosen";
  readonly node: Node;
  readonly value: string;
  /** 1: its larger elements are seen; -1: they are hidden. */
  readonly sense: 1 | -1;
}

export interface ScorePath {
  readonly product: Product;
  /** Scaling, masking, casts between Softmax and the product, the nearest to Softmax first. */
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

/** Nodes looked at around one Softmax: casts, scales and masks are few, a band put together from blocks takes a hundred. */
const MAX_NODES = 256;
const UNARY = ["Neg", "Tanh", "Clip", "Slice", "CastLike", "Pad", "Split"];
const ALL_INPUTS = ["Add", "Sub", "Sum", "Mul", "Div", "Min", "Max", "Concat"];
const ADDING = ["Add", "Sub", "Sum"];

interface Step {
  readonly value: string;
  readonly reader: Node;
  /** The step that led here. */
  readonly before: Step | undefined;
}

/** Walks from what Softmax reads back to the product of queries and keys; of several, the nearest. */
export function findScores(search: SearchGraph, value: string, softmax: Node): ScorePath | DeadEnd {
  const queue: Step[] = [{ value, reader: softmax, before: undefined }];
  const seen = new Set<string>([value]);
  let first: DeadEnd | undefined;
  for (let next = 0; next < queue.length; next++) {
    const step = queue[next]!;
    const from = search.maker(step.value);
    const dead = (reason: string): void => {
      first ??= { reason, value: step.value, from, to: step.reader };
    };
    if (from === undefined) {
      dead("nothing in the graph makes what it normalises");
      continue;
    }
    const product = productOf(from);
    if (product !== undefined) {
      const stored = [product.left, product.right].find((operand) => search.isStored(operand));
      if (stored === undefined) {
        return pathTo(step, product);
      }
      first ??= {
        reason: "what it normalises is a product with a weight, not of two activations",
        value: stored,
        from: search.maker(stored),
        to: from,
      };
      continue;
    }
    if (isOp(from, "ConstantOfShape") && first === undefined && queue.length > next + 1) {
      continue;
    }
    const onward = onwardFrom(search, from);
    if (onward.length === 0) {
      dead(
        operandsOf(from) === undefined
          ? `${from.opType} is no step between a product of queries and keys and its Softmax`
          : `${from.opType} ${equationOf(from)} is no product of queries and keys`,
      );
    }
    if (next >= MAX_NODES) {
      dead("no product of two activations was found on the way");
      break;
    }
    for (const input of onward) {
      if (!seen.has(input)) {
        seen.add(input);
        queue.push({ value: input, reader: from, before: step });
      }
    }
  }
  return (
    first ?? {
      reason: "no product of two activations was found on the way",
      value,
      from: search.maker(value),
      to: softmax,
    }
  );
}

function equationOf(node: Node): string {
  const equation = node.attributes.get("equation");
  return equation?.type === "string" ? equation.value : "";
}

/** Inputs through which the scores can have come. */
function onwardFrom(search: SearchGraph, node: Node): readonly string[] {
  const [a = "", b = "", c = ""] = node.inputs;
  const carried =
    isCarrier(node) || isOp(node, ...UNARY)
      ? [a]
      : isOp(node, ...ALL_INPUTS)
        ? node.inputs
        : isOp(node, "Where")
          ? [b, c]
          : isOp(node, "ScatterND", "ScatterElements")
            ? [a, c]
            : [];
  return carried.filter((value) => value !== "" && !search.isStored(value) && search.isActivation(value));
}

function pathTo(end: Step, product: Product): ScorePath {
  const between: Node[] = [];
  const masks: MaskOperand[] = [];
  // A step's reader is the node between it and the step before; the first is read by Softmax itself.
  for (let step: Step | undefined = end; step?.before !== undefined; step = step.before) {
    between.push(step.reader);
    masks.push(...masksAt(step.reader, step.value));
  }
  return { product, between: between.reverse(), masks: masks.reverse() };
}

/** What a node on the way adds to the scores, or takes in their place. */
function masksAt(node: Node, scores: string): readonly MaskOperand[] {
  const others = node.inputs.filter((input) => input !== scores && input !== "");
  if (isOp(node, ...ADDING)) {
    const sense = isOp(node, "Sub") ? -1 : 1;
    return others.map((value) => ({ kind: "added", node, value, sense }));
  }
  if (isOp(node, "Where")) {
    const [condition = "", whereTrue] = node.inputs;
    return [{ kind: "chosen", node, value: condition, sense: whereTrue === scores ? 1 : -1 }];
  }
  return [];
}

/** What an operator that adds to the scores before it normalises them adds. */
export function ownMasks(softmax: Node): readonly MaskOperand[] {
  const [, bias = ""] = softmax.inputs;
  return isEitherOp(softmax, "BiasSoftmax") && bias !== ""
    ? [{ kind: "added", node: softmax, value: bias, sense: 1 }]
    : [];
}
