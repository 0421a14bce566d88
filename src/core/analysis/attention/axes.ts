import type { LengthMode } from "../../../protocol/attention";
import { add, type Expr, equal, evaluate, format, sub, symbol, symbolsOf } from "../../expr";
import type { Dim } from "../../facts/fact";
import type { Inference } from "../../infer/types";
import type { Model } from "../../model/types";
import type { AttentionRegion } from "../../patterns/attention/types";
import { hasPast } from "./block";

/** A length n that cost can be drawn against, and what n makes of the model's dims. */
export interface Axis {
  readonly mode: LengthMode;
  readonly id: string;
  readonly title: string;
  readonly unit: "tokens" | "pixels";
  /** Formulas in n of the dims that n decides. */
  readonly replaced: ReadonlyMap<string, Expr>;
  /** n as a formula of the model's dims. */
  readonly now: Expr;
  /** Dims whose table of positions bounds n. */
  readonly counted: readonly string[];
}

/** Dims that grow together, since attention spans them. */
interface Family {
  readonly unit: "tokens" | "pixels";
  /** Dims of the queries' length, or of a cross block's keys. */
  readonly lengths: Set<string>;
  readonly pasts: Set<string>;
  /** Dims for the sum of both. */
  readonly totals: Set<string>;
  /** Number of tokens that one run adds, when the file fixes it. */
  step: number | undefined;
  blocks: number;
}

/** Axes and the symbol of n in their formulas. */
export interface Axes {
  readonly name: string;
  readonly axes: readonly Axis[];
}

/**
 * Axes of a model whose lengths are dims; those that most blocks grow with first. None for a model of fixed lengths. n has
 * another name where the model has a dim n that is not the length.
 */
export function axesOf(model: Model, inference: Inference, regions: readonly AttentionRegion[]): Axes {
  const { symbols } = inference;
  const named = axesNamed("n", model, inference, regions);
  if (!symbols.includes("n") || named.every(({ replaced }) => replaced.get("n") === symbol("n"))) {
    return { name: "n", axes: named };
  }
  const name = ["N", "length"].find((other) => !symbols.includes(other)) ?? "n′";
  return { name, axes: axesNamed(name, model, inference, regions) };
}

function axesNamed(
  name: string,
  model: Model,
  inference: Inference,
  regions: readonly AttentionRegion[],
): readonly Axis[] {
  const n = symbol(name);
  const families = familiesOf(model, inference, regions).sort((a, b) => b.blocks - a.blocks);
  const decoder = families.find(({ pasts }) => pasts.size > 0);
  return families.flatMap((family) => {
    const several = families.filter(({ unit }) => unit === family.unit).length > 1;
    return [...prefill(family, decoder, n, several), ...decode(family, decoder, n, several)];
  });
}

function prefill(family: Family, decoder: Family | undefined, n: Expr, several: boolean): readonly Axis[] {
  const lengths = [...family.lengths];
  if (lengths.length === 0) {
    return [];
  }
  const none = [...(decoder?.pasts ?? [])].map((name) => [name, 0] as const);
  const counted = family.unit === "pixels" ? lengths : lengths.slice(0, 1);
  const replaced = new Map<string, Expr>([
    ...none,
    ...counted.map((name) => [name, n] as const),
    ...[...family.totals].map((name) => [name, n] as const),
  ]);
  const now = add(symbol(lengths[0]!), ...[...family.pasts].slice(0, 1).map(symbol));
  return [{ mode: "prefill", ...named(family, lengths[0]!, several), replaced, now, counted }];
}

function decode(family: Family, decoder: Family | undefined, n: Expr, several: boolean): readonly Axis[] {
  if (decoder === undefined) {
    return [];
  }
  const one = [...decoder.lengths].map((name) => [name, 1] as const);
  const [past] = family.pasts;
  if (past !== undefined) {
    const step = family.lengths.size === 0 ? (family.step ?? 1) : 1;
    const replaced = new Map<string, Expr>([
      ...one,
      ...[...family.pasts].map((name) => [name, sub(n, step)] as const),
      ...[...family.totals].map((name) => [name, n] as const),
    ]);
    const now = add(symbol(past), step);
    const id = [...family.lengths][0] ?? past;
    return [
      { mode: "decode", ...named(family, id, several), replaced, now, counted: [...family.lengths, past] },
    ];
  }
  const [length] = family.lengths;
  if (length === undefined || family.unit === "pixels") {
    return [];
  }
  const replaced = new Map<string, Expr>([...one, [length, n]]);
  return [
    { mode: "decode", ...named(family, length, several), replaced, now: symbol(length), counted: [length] },
  ];
}

function named({ unit }: Family, id: string, several: boolean): Pick<Axis, "id" | "title" | "unit"> {
  const title = unit === "pixels" ? "Side of the image" : "Length of the sequence";
  return { id, title: several ? `${title} (${id})` : title, unit };
}

/** "sequence = n": what n makes of each dim. */
export function rulesOf({ replaced }: Axis): readonly string[] {
  return [...replaced].map(([name, expr]) => `${name} = ${format(expr)}`);
}

/** The bindings with those of n put in. */
export function boundAt(
  axis: Axis,
  name: string,
  n: number,
  bindings: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const length = new Map([[name, n]]);
  const bound = new Map(bindings);
  for (const [dim, expr] of axis.replaced) {
    bound.set(dim, evaluate(expr, length) ?? 0);
  }
  return bound.set(name, n);
}

function familiesOf(model: Model, inference: Inference, regions: readonly AttentionRegion[]): Family[] {
  const images = imageDims(model, inference);
  const families: Family[] = [];
  const join = (dims: readonly string[]): Family => {
    const found = families.find(({ lengths, pasts }) =>
      dims.some((dim) => lengths.has(dim) || pasts.has(dim)),
    );
    if (found !== undefined) {
      return found;
    }
    const unit = dims.length > 0 && dims.every((dim) => images.has(dim)) ? "pixels" : "tokens";
    const family: Family = {
      unit,
      lengths: new Set(),
      pasts: new Set(),
      totals: new Set(),
      step: undefined,
      blocks: 0,
    };
    families.push(family);
    return family;
  };
  const without = (dims: Iterable<string>, ...taken: readonly ReadonlySet<string>[]) =>
    [...dims].filter((dim) => !taken.some((set) => set.has(dim)));
  for (const { sizes, relation, pastLength } of regions) {
    const batch = namesIn(sizes.batch);
    // What a cross block reads of a cache is the other sequence, whole.
    const pasts = namesIn(relation === "self" && hasPast(pastLength) ? pastLength : 0);
    const queries = without(namesIn(sizes.queryLength), batch, pasts);
    const keys = without(namesIn(sizes.keyLength), batch, pasts, new Set(queries));
    const own = relation === "self" ? [...queries, ...pasts] : queries;
    if (own.length > 0) {
      const family = join(own);
      family.blocks++;
      addAll(family.lengths, queries);
      addAll(family.pasts, pasts);
      if (relation === "self") {
        addAll(family.totals, keys);
        family.step ??= typeof sizes.queryLength === "number" ? sizes.queryLength : undefined;
      }
    }
    if (relation === "cross" && keys.length > 0) {
      addAll(join(keys).lengths, keys);
    }
  }
  if (families.length === 0) {
    // Blocks of windows have fixed lengths; the image decides how many windows there are.
    const inBatch = [...new Set(regions.flatMap(({ sizes }) => [...namesIn(sizes.batch)]))];
    const pixels = inBatch.filter((dim) => images.has(dim));
    if (pixels.length > 0) {
      const family = join(pixels);
      addAll(family.lengths, pixels);
      family.blocks = regions.length;
    }
  }
  addMasks(model, inference, families);
  return families;
}

/** A mask over past and present may have a dim of its own for both. */
function addMasks(model: Model, inference: Inference, families: readonly Family[]): void {
  const decoder = families.find(({ pasts }) => pasts.size > 0);
  if (decoder === undefined) {
    return;
  }
  const known = new Set(families.flatMap(({ lengths, pasts, totals }) => [...lengths, ...pasts, ...totals]));
  for (const { name, dtype } of model.graph.inputs) {
    const { shape } = inference.fact(model.graph, name);
    const [dim] = shape?.length === 2 && dtype?.startsWith("int") ? namesIn(shape[1]) : [];
    if (dim !== undefined && !known.has(dim) && equal(shape![1]!, symbol(dim))) {
      decoder.totals.add(dim);
    }
  }
}

/** Dims of the two last axes of inputs with four; caches have four as well, but the width of a head as their last. */
function imageDims(model: Model, inference: Inference): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { name } of model.graph.inputs) {
    const { shape } = inference.fact(model.graph, name);
    const sides = shape?.length === 4 ? shape.slice(2).map(namesIn) : [];
    if (sides.every(({ size }) => size > 0)) {
      addAll(
        found,
        sides.flatMap((side) => [...side]),
      );
    }
  }
  return found;
}

const namesIn = (dim: Dim): ReadonlySet<string> => (dim === undefined ? new Set() : symbolsOf(dim));

function addAll<T>(set: Set<T>, items: Iterable<T>): void {
  for (const item of items) {
    set.add(item);
  }
}
