import { coefficients, compile, type Expr, sub, symbolsOf } from "../../expr";
import type { NodeId } from "../../model/types";
import { sumOf } from "../sum";
import { type Block, distinctShares } from "./block";
import type { Share } from "./parts";
import { type BlockAt, LAYERS, type Layer } from "./whatIf";

/** What a curve is evaluated from: formulas over the model's dims. */
export interface CurveFormulas {
  /** FLOPs of all projections, and of all that lies between them. */
  readonly projections: Expr;
  readonly attention: Expr;
  readonly groups: readonly Group[];
}

/** Blocks whose formulas are the same. */
interface Group {
  readonly block: Block;
  readonly count: number;
  readonly formulas: { readonly [figure in BlockFigure]: Expr };
}

const BLOCK_FIGURES = [
  "queries",
  "keys",
  "heads",
  "kvHeads",
  "headDim",
  "valueHeadDim",
  "scores",
  "afterScores",
  "masks",
  "rest",
  "batch",
  "runs",
  "scoreBytes",
  "streamedBytes",
  "cacheBytes",
  ...LAYERS,
] as const;
type BlockFigure = (typeof BLOCK_FIGURES)[number];

/** Formulas of the blocks that count: of two branches, the one that does. Amounts that are not known are left out. */
export function curveFormulas(blocks: readonly Block[]): CurveFormulas {
  const shares = distinctShares(blocks);
  return {
    projections: flopsOf(shares, ({ part }) => part === "projections"),
    attention: flopsOf(shares, ({ part }) => part !== "projections"),
    groups: grouped(blocks),
  };
}

function grouped(blocks: readonly Block[]): readonly Group[] {
  const groups = new Map<string, { -readonly [field in keyof Group]: Group[field] }>();
  const seen = new Set<NodeId>();
  for (const block of blocks) {
    const own = block.shares.filter(({ node }) => !seen.has(node.id));
    for (const { node } of own) {
      seen.add(node.id);
    }
    const formulas = formulasOf(block, own);
    const key = BLOCK_FIGURES.map((figure) => {
      const expr = formulas[figure];
      return typeof expr === "number" ? expr : expr.key;
    }).join("|");
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, { block, count: 1, formulas });
    } else {
      group.count++;
    }
  }
  return [...groups.values()];
}

/** `shares`: those that no earlier block has, too. */
function formulasOf({ region, memory, cached, runs }: Block, shares: readonly Share[]): Group["formulas"] {
  const { sizes } = region;
  const layer = (wanted: Layer) =>
    flopsOf(shares, (share) => share.part === "projections" && layerOf(share) === wanted);
  return {
    queries: sizes.queryLength ?? 0,
    keys: sizes.keyLength ?? 0,
    heads: sizes.heads ?? 1,
    kvHeads: sizes.kvHeads ?? sizes.heads ?? 1,
    headDim: sizes.headDim ?? 0,
    valueHeadDim: sizes.vHeadDim ?? 0,
    scores: flopsOf(shares, ({ part }) => part === "scores"),
    afterScores: flopsOf(shares, ({ part }) => part === "softmax" || part === "weightedSum"),
    masks: flopsOf(shares, ({ part, perScore }) => part === "other" && perScore),
    rest: flopsOf(shares, ({ part, perScore }) => part === "other" && !perScore),
    batch: sizes.batch ?? 1,
    runs: runs.count,
    scoreBytes: memory.scoreBytes ?? 0,
    streamedBytes: memory.streamedBytes ?? 0,
    cacheBytes: cached ? (memory.cacheBytes ?? 0) : 0,
    query: layer("query"),
    key: layer("key"),
    value: layer("value"),
    keyValue: layer("keyValue"),
    queryKeyValue: layer("queryKeyValue"),
    output: layer("output"),
  };
}

function flopsOf(shares: readonly Share[], test: (share: Share) => boolean): Expr {
  return sumOf(shares.filter(test).map(({ flops }) => flops));
}

function layerOf({ makes }: Share): Layer {
  if (makes.includes("query")) {
    return makes.length > 1 ? "queryKeyValue" : "query";
  }
  return makes.length > 1 ? "keyValue" : (makes[0] ?? "output");
}

/** What the blocks need at one length. */
export interface Point {
  /** Of the block that needs most. */
  readonly scoreBytes: number;
  readonly streamedBytes: number;
  /** Of all blocks whose keys and values are kept. */
  readonly cacheBytes: number;
  readonly blocks: readonly BlockAt[];
}

/** Evaluates the formulas at bindings; a size without a value makes NaN. */
export function compileCurve(formulas: CurveFormulas): (bindings: ReadonlyMap<string, number>) => Point {
  const { groups } = formulas;
  const run = compile(groups.flatMap((group) => BLOCK_FIGURES.map((figure) => group.formulas[figure])));
  return (bindings) => {
    const values = run(bindings);
    const figures = groups.map(
      (_, index) =>
        Object.fromEntries(
          BLOCK_FIGURES.map((figure, i) => [figure, values[index * BLOCK_FIGURES.length + i]!]),
        ) as { readonly [figure in BlockFigure]: number },
    );
    return {
      scoreBytes: Math.max(0, ...figures.map(({ scoreBytes }) => scoreBytes)),
      streamedBytes: Math.max(0, ...figures.map(({ streamedBytes }) => streamedBytes)),
      cacheBytes: figures.reduce((sum, { cacheBytes }, i) => sum + cacheBytes * groups[i]!.count, 0),
      blocks: figures.map((at, i) => blockAt(at, groups[i]!.count)),
    };
  };
}

function blockAt(at: { readonly [figure in BlockFigure]: number }, count: number): BlockAt {
  const { query, key, value, keyValue, queryKeyValue, output } = at;
  return {
    ...at,
    count,
    pairs: at.batch * at.heads * at.queries * at.keys * at.runs,
    projections: { query, key, value, keyValue, queryKeyValue, output },
  };
}

/** An amount in n, cut in what does not grow with n and what does. */
export function splitGrowth(expr: Expr, name: string): { readonly constant: Expr; readonly growing: Expr } {
  const constant = coefficients(expr, name).find(
    ({ power, factor }) => power === 0 && !symbolsOf(factor).has(name),
  );
  return { constant: constant?.factor ?? 0, growing: sub(expr, constant?.factor ?? 0) };
}
