import type { Algebra } from "../../core/analysis/attention/algebra";
import type { Axis } from "../../core/analysis/attention/axes";
import { type Block, distinctShares, partsOf } from "../../core/analysis/attention/block";
import { countedBlocks } from "../../core/analysis/attention/branches";
import { sumOf } from "../../core/analysis/sum";
import { type Expr, evaluate } from "../../core/expr";
import type { Dim } from "../../core/facts/fact";
import type { Node } from "../../core/model/types";
import type { Mismatch } from "../../core/patterns/attention/types";
import {
  ATTENTION_PARTS,
  type AttentionBlock,
  type AttentionPart,
  type AttentionReport,
  type LengthAxis,
  type NotRecognised,
  type PartCost,
  type Polynomials,
  type Size,
} from "../../protocol/attention";
import type { Totals } from "../../protocol/engine";
import { type InLength, partCost, sizeOf } from "./attentionAmounts";
import type { CurvePoints } from "./attentionPoints";
import { type ModelState, nodeKey } from "./state";

export interface ReportParts {
  readonly state: ModelState;
  readonly totals: Totals;
  readonly algebra: Algebra;
  readonly mismatches: readonly Mismatch[];
  /** The algebra that has axes: of the model, or of the model with its fixed length as a dim. */
  readonly lengths: LengthSource;
}

/** Where axes come from. */
export interface LengthSource {
  readonly algebra: Algebra;
  /** How the length was found where the file fixes it; null where it is a dim. */
  readonly whatIf: string | null;
  readonly noAxis: string | null;
  readonly caps: ReadonlyMap<string, number>;
  /** The bindings of the model with the length that it has. */
  bound(bindings: ReadonlyMap<string, number>): ReadonlyMap<string, number>;
  /** What n makes of each size: "sequence = n". */
  rules(axis: Axis): readonly string[];
  inLength(axis: Axis): InLength;
  /** The curve of some of its blocks along an axis. */
  points(axis: Axis, blocks: readonly Block[]): CurvePoints;
}

const NO_POLYNOMIALS: Polynomials = { flops: null, macs: null, bytes: null };

export function attentionReport(parts: ReportParts): AttentionReport {
  const { state, totals, algebra, lengths } = parts;
  const bound = lengths.bound(state.bindings);
  const axes = startingFirst(lengths.algebra.axes, bound);
  const [first] = axes;
  const inLength = first === undefined ? undefined : lengths.inLength(first);
  const lifted = new Map(lengths.algebra.blocks.map((block) => [block.region.anchor.id, block]));
  const polynomials = (figures: Parameters<InLength["polynomials"]>[0] | undefined): Polynomials =>
    figures === undefined || inLength === undefined ? NO_POLYNOMIALS : inLength.polynomials(figures, bound);
  const counted = countedBlocks(algebra.inference, algebra.blocks, state.bindings);
  return {
    revision: state.revision,
    blocks: algebra.blocks.map((block) =>
      blockReport(state, block, polynomials(lifted.get(block.region.anchor.id)?.whole)),
    ),
    notRecognised: parts.mismatches.map((mismatch) => notRecognised(state, mismatch)),
    modes: axes.map((axis) => ({ mode: axis.mode, axis: lengthAxis(axis, lengths, bound) })),
    noAxis: axes.length > 0 ? null : lengths.noAxis,
    totals: {
      ...totalsOf(counted, totals, state.bindings),
      modelPolynomials: polynomials(lengths.algebra.model),
    },
  };
}

/** Decoding comes first where the sizes of the moment are those of decoding. */
export function startingFirst(axes: readonly Axis[], bindings: ReadonlyMap<string, number>): readonly Axis[] {
  const isNow = ({ mode, replaced, now, id }: Axis) =>
    mode === "decode" && now !== undefined && replaced.get(id) === 1 && bindings.get(id) === 1;
  const decodes = axes.some(isNow) || !axes.some(({ mode }) => mode === "prefill");
  const order = (axis: Axis) => Number((axis.mode === "decode") !== decodes);
  return [...axes].sort((a, b) => order(a) - order(b));
}

function lengthAxis(axis: Axis, lengths: LengthSource, bindings: ReadonlyMap<string, number>): LengthAxis {
  const limits = axis.counted.flatMap((dim) => lengths.caps.get(dim) ?? []);
  return {
    id: axis.id,
    dims: lengths.whatIf === null ? [...axis.replaced.keys()] : [],
    rules: lengths.rules(axis),
    title: axis.title,
    unit: axis.unit,
    current: evaluate(axis.now, bindings) ?? 1,
    limit: limits.length === 0 ? null : Math.min(...limits),
    whatIf: lengths.whatIf,
  };
}

function blockReport(state: ModelState, block: Block, polynomials: Polynomials): AttentionBlock {
  const { region, memory, runs } = block;
  const { anchor, sizes, roles, mask } = region;
  const position = state.positionOf.get(anchor.id)!;
  const path = state.paths[position]!;
  const size = (dim: Dim): Size => sizeOf(dim, state.bindings);
  const keys = (nodes: readonly Node[]) => nodes.map(nodeKey);
  return {
    key: nodeKey(anchor),
    label: path || state.names[position]!,
    path,
    form: region.form,
    op: anchor.domain === "" ? anchor.opType : `${anchor.domain}.${anchor.opType}`,
    runs: size(runs.count),
    heads: size(sizes.heads),
    kvHeads: size(sizes.kvHeads),
    headDim: size(sizes.headDim),
    valueHeadDim: size(sizes.vHeadDim),
    batch: size(sizes.batch),
    queryLength: size(sizes.queryLength),
    keyLength: size(sizes.keyLength),
    pastLength: size(region.pastLength),
    relation: region.relation,
    mask: { ...mask, causal: mask.causal ?? null, window: mask.window ?? null },
    nodes: keys([...roles.scores, ...roles.softmax, ...roles.weightedSum, ...roles.fused, ...roles.between]),
    projections: {
      query: keys(roles.query),
      key: keys(roles.key),
      value: keys(roles.value),
      output: keys(roles.output),
    },
    cost: partCosts(block.parts, state.bindings),
    polynomials,
    memory: {
      scoreBytes: size(memory.scoreBytes),
      streamedBytes: size(memory.streamedBytes),
      scoreTensors: memory.scoreTensors,
      kvBytesPerToken: size(memory.kvBytesPerToken),
      cached: block.cached,
    },
  };
}

function notRecognised(state: ModelState, { anchor, reason, edge }: Mismatch): NotRecognised {
  const position = state.positionOf.get(anchor.id)!;
  return {
    key: nodeKey(anchor),
    label: state.paths[position] || state.names[position]!,
    reason,
    edge: {
      value: edge.value,
      from: edge.from === undefined ? null : nodeKey(edge.from),
      to: nodeKey(edge.to),
    },
  };
}

function totalsOf(
  blocks: readonly Block[],
  totals: Totals,
  bindings: ReadonlyMap<string, number>,
): Omit<AttentionReport["totals"], "modelPolynomials"> {
  const figures = partsOf(distinctShares(blocks));
  const parts = partCosts(figures, bindings);
  const inside = (["scores", "softmax", "weightedSum"] as const).map((part) => parts[part].flops.value);
  const model = totals.flops.value;
  const isKnown = model !== null && model > 0 && inside.every((value) => value !== null);
  const cached = blocks.filter((block) => block.cached);
  return {
    parts,
    modelFlops: totals.flops,
    modelMacs: totals.macs,
    attentionShare: isKnown ? inside.reduce<number>((sum, value) => sum + value!, 0) / model : null,
    scoreBytesLargest: largest(blocks, bindings),
    kvBytesPerToken: sizeOf(sumKnown(cached.map(({ memory }) => memory.kvBytesPerToken)), bindings),
  };
}

function largest(blocks: readonly Block[], bindings: ReadonlyMap<string, number>): Size {
  const sizes = blocks.map(({ memory }) => sizeOf(memory.scoreBytes, bindings));
  return sizes.reduce<Size>((most, size) => ((size.value ?? -1) > (most.value ?? -1) ? size : most), {
    value: blocks.length === 0 ? 0 : null,
    formula: blocks.length === 0 ? "0" : "unknown",
  });
}

function sumKnown(exprs: readonly (Expr | undefined)[]): Expr | undefined {
  return exprs.every((expr) => expr !== undefined) ? sumOf(exprs) : undefined;
}

function partCosts(
  figures: Block["parts"],
  bindings: ReadonlyMap<string, number>,
): { readonly [part in AttentionPart]: PartCost } {
  return Object.fromEntries(ATTENTION_PARTS.map((part) => [part, partCost(figures[part], bindings)])) as {
    [part in AttentionPart]: PartCost;
  };
}
