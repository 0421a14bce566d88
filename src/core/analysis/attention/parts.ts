import type { AttentionPart } from "../../../protocol/attention";
import type { Trust } from "../../../protocol/rows";
import { add, type Expr, equal, isNonNegative, mul, scale, sub } from "../../expr";
import { elements } from "../../facts/size";
import type { Inference, NodeCost } from "../../infer/types";
import type { Graph, Node } from "../../model/types";
import { scoreCount } from "../../ops/attention";
import type { AttentionRegion } from "../../patterns/attention/types";
import { sumOf } from "../sum";

/** A sum over nodes. An amount is undefined as soon as that of one node is not known. */
export interface Figures {
  readonly macs: Expr | undefined;
  readonly flops: Expr | undefined;
  readonly bytes: Expr | undefined;
  readonly trust: Trust;
}

/** What a linear layer of the block makes; a layer that makes several has several. */
export type Made = "query" | "key" | "value" | "output";

/** What one node gives to one part. */
export interface Share extends Figures {
  readonly node: Node;
  readonly part: AttentionPart;
  /** Of projections. */
  readonly makes: readonly Made[];
  /** The amounts grow with the number of scores: products, softmax, masks; not splitting of heads and the like. */
  readonly perScore: boolean;
}

const PROJECTIONS = ["query", "key", "value", "output"] as const;

/** What each node of a block gives to which part; the shares of a node add up to its cost times `repeats`. */
export function sharesOf(inference: Inference, region: AttentionRegion, repeats: Expr): readonly Share[] {
  const { roles, graph } = region;
  const shares: Share[] = [];
  const made = new Map<Node, Made[]>();
  for (const what of PROJECTIONS) {
    for (const node of roles[what]) {
      made.set(node, [...(made.get(node) ?? []), what]);
    }
  }
  const scores = scoreCount(region.sizes);
  const whole = (node: Node, part: AttentionPart, perScore: boolean, makes: readonly Made[] = []) => {
    shares.push({ node, part, makes, perScore, ...figuresOf(inference.cost(node.id), repeats) });
  };
  for (const [node, makes] of made) {
    whole(node, "projections", false, makes);
  }
  for (const part of ["scores", "softmax", "weightedSum"] as const) {
    for (const node of roles[part]) {
      whole(node, part, true);
    }
  }
  for (const node of roles.between) {
    whole(node, "other", touchesScores(inference, graph, node, scores));
  }
  for (const node of roles.fused) {
    shares.push(...sharesOfFused(node, inference.cost(node.id), repeats, scores));
  }
  return shares;
}

/** A fused operator by the parts that it names; the rest, and all bytes, are "other". */
function sharesOfFused(node: Node, cost: NodeCost, repeats: Expr, scores: Expr | undefined): Share[] {
  const whole = figuresOf(cost, repeats);
  const named = (cost.parts ?? []).map(
    ({ part, macs, other }): Share => ({
      node,
      part,
      makes: part === "projections" ? ["query", "key", "value"] : [],
      perScore: part !== "projections",
      macs: mul(macs, repeats),
      flops: mul(add(scale(macs, 2), other), repeats),
      bytes: 0,
      trust: cost.trust,
    }),
  );
  const less = (amount: Expr | undefined, figure: "macs" | "flops") =>
    amount === undefined ? undefined : sub(amount, sumOf(named.map((share) => share[figure])));
  const rest = { ...whole, macs: less(whole.macs, "macs"), flops: less(whole.flops, "flops") };
  const masks = rest.macs === 0 && rest.flops !== undefined ? wholeScores(rest.flops, scores, repeats) : 0;
  const other = { node, part: "other", makes: [] } as const;
  return [
    ...named,
    ...(masks === 0 ? [] : [{ ...other, ...whole, perScore: true, macs: 0, flops: masks, bytes: 0 }]),
    { ...other, ...rest, perScore: false, flops: rest.flops && sub(rest.flops, masks) },
  ];
}

/** Masks, biases and caps cost a few FLOPs for each score: the largest whole number of them that the amount holds. */
function wholeScores(flops: Expr, scores: Expr | undefined, repeats: Expr): Expr {
  const once = scores === undefined ? 0 : mul(scores, repeats);
  for (let each = once === 0 ? 0 : MOST_PER_SCORE; each > 0; each--) {
    if (isNonNegative(sub(flops, scale(once, each)))) {
      return scale(once, each);
    }
  }
  return 0;
}

/** A mask, a bias, and a cap by tanh with two products; beyond it stand no known operators. */
const MOST_PER_SCORE = 32;

function figuresOf(cost: NodeCost, repeats: Expr): Figures {
  const times = (amount: Expr | undefined) => (amount === undefined ? undefined : mul(amount, repeats));
  const { readBytes, writeBytes } = cost;
  const bytes = readBytes === undefined || writeBytes === undefined ? undefined : add(readBytes, writeBytes);
  return { macs: times(cost.macs), flops: times(cost.flops), bytes: times(bytes), trust: cost.trust };
}

/** Whether the node works on as many elements as there are scores. */
function touchesScores(inference: Inference, graph: Graph, node: Node, scores: Expr | undefined): boolean {
  return (
    scores !== undefined &&
    node.outputs.some((name) => {
      const count = name === "" ? undefined : elements(inference.fact(graph, name));
      return count !== undefined && equal(count, scores);
    })
  );
}

const RANK: { readonly [trust in Trust]: number } = { exact: 0, estimate: 1, unknown: 2 };

/** The sum of shares; exact for none. */
export function sumOfShares(shares: readonly Figures[]): Figures {
  const total = (figure: "macs" | "flops" | "bytes") =>
    shares.every((share) => share[figure] !== undefined)
      ? sumOf(shares.map((share) => share[figure]))
      : undefined;
  const weighty = shares.filter(({ flops }) => flops !== 0);
  return {
    macs: total("macs"),
    flops: total("flops"),
    bytes: total("bytes"),
    trust: weighty.reduce<Trust>((worst, { trust }) => (RANK[trust] > RANK[worst] ? trust : worst), "exact"),
  };
}
