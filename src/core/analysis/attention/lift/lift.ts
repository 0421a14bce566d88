import { type Expr, equal, evaluate, symbolsOf } from "../../../expr";
import type { Supposed } from "../../../infer/infer";
import type { Inference } from "../../../infer/types";
import type { Model } from "../../../model/types";
import type { AttentionFindings, AttentionRegion } from "../../../patterns/attention/types";
import { Attempt } from "./attempt";
import { axisNames, type Candidate, candidatesFor } from "./candidates";

/** A model of fixed lengths as it would be with n in their place. */
export interface Lifted {
  readonly inference: Inference;
  readonly findings: AttentionFindings;
  /** The symbol that stands for the length, and the length in the file. */
  readonly name: string;
  readonly length: number;
  /** Axes of inputs that have it: "input_ids[1]". */
  readonly axes: readonly string[];
  /** Tokens of the blocks in the file. */
  readonly tokens: number;
  /** Weights of the model are made for its own length: another one needs others. */
  readonly needsTable: boolean;
}

export interface LiftTools {
  infer(suppose: Supposed): Inference;
  find(inference: Inference): AttentionFindings;
}

/**
 * Puts a symbol in the place of the length that the file fixes: in the inputs' axes, in constants and in the shapes of
 * Reshape. The result holds only if every node at the length costs what it costs now; otherwise the text says why there
 * is none.
 */
export function liftLength(
  model: Model,
  inference: Inference,
  { regions }: AttentionFindings,
  tools: LiftTools,
): Lifted | string {
  const tokens = commonLength(regions);
  if (tokens === undefined) {
    return regions.length === 0
      ? "No attention was found in this model."
      : "No block has as many keys as queries, by numbers that are known: there is no one length.";
  }
  const candidates = candidatesFor(model, inference, tokens);
  let why = "no input has an axis that it could come from";
  for (const candidate of candidates) {
    const lifted = liftOf(model, inference, regions, tools, { candidate, tokens });
    if (typeof lifted !== "string") {
      return lifted;
    }
    why = lifted;
  }
  return `The file fixes the length: the blocks have ${tokens} tokens, and another number cannot be put in its place, because ${why}.`;
}

function liftOf(
  model: Model,
  inference: Inference,
  regions: readonly AttentionRegion[],
  tools: LiftTools,
  { candidate, tokens }: { readonly candidate: Candidate; readonly tokens: number },
): Lifted | string {
  const cut = regions.find(({ sizes }) => isWindow(sizes, model, inference, candidate, tokens));
  if (cut !== undefined) {
    return `the blocks see windows: ${cut.anchor.name || cut.anchor.outputs[0]} has more of them than the batch has inputs`;
  }
  const name = ["length", "fixed length"].find((text) => !inference.symbols.includes(text)) ?? "length′";
  const { infer } = tools;
  const attempted = new Attempt({ model, inference, infer, candidate, tokens, name }).run();
  if (typeof attempted === "string") {
    return attempted;
  }
  const findings = tools.find(attempted.inference);
  const length = candidate.size;
  return (
    whyBlocksDiffer(regions, findings.regions, name, tokens) ??
    whyCostsDiffer(model, inference, attempted.inference, name, length) ?? {
      ...attempted,
      findings,
      name,
      length,
      tokens,
      axes: axisNames(candidate),
    }
  );
}

/** The length that most blocks have for both their queries and their keys. */
function commonLength(regions: readonly AttentionRegion[]): number | undefined {
  const counts = new Map<number, number>();
  for (const { sizes, relation } of regions) {
    const { queryLength, keyLength } = sizes;
    if (relation === "self" && typeof queryLength === "number" && queryLength === keyLength) {
      counts.set(queryLength, (counts.get(queryLength) ?? 0) + 1);
    }
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** A window's length is no length of the input, and what grows with the input is the number of windows. */
function isWindow(
  { queryLength, batch }: AttentionRegion["sizes"],
  model: Model,
  inference: Inference,
  { axes }: Candidate,
  tokens: number,
): boolean {
  const [input = ""] = axes.keys();
  const { shape = [] } = inference.fact(model.graph, input);
  const [size] = shape;
  const isBatch = shape.length > 1 && axes.get(input)?.includes(0) !== true;
  return (
    queryLength === tokens && isBatch && size !== undefined && batch !== undefined && !equal(batch, size)
  );
}

/** Every block of the length must have it as a symbol now. */
function whyBlocksDiffer(
  before: readonly AttentionRegion[],
  after: readonly AttentionRegion[],
  name: string,
  tokens: number,
): string | undefined {
  const found = new Map(after.map((region) => [region.anchor.id, region]));
  for (const { anchor, sizes, relation } of before) {
    const { queryLength, keyLength } = found.get(anchor.id)?.sizes ?? {};
    const isOfLength = relation === "self" && sizes.queryLength === tokens && sizes.keyLength === tokens;
    const follows = [queryLength, keyLength].every((size) => size !== undefined && symbolsOf(size).has(name));
    if (isOfLength && !follows) {
      return `${anchor.name || anchor.outputs[0]} still has ${tokens} of its own when the inputs have another number`;
    }
  }
  return undefined;
}

const AMOUNTS = ["macs", "flops", "readBytes", "writeBytes"] as const;
/** Sizes for the model's other dims. */
const PROBES = [2, 3, 5, 7, 11, 13];

/** At the length of the file, every node must cost what it costs now. */
function whyCostsDiffer(
  model: Model,
  before: Inference,
  after: Inference,
  name: string,
  length: number,
): string | undefined {
  const others = before.symbols.map((text, i) => [text, PROBES[i % PROBES.length]!] as const);
  const at = new Map<string, number>([...others, [name, length]]);
  const value = (expr: Expr | undefined) => (expr === undefined ? undefined : evaluate(expr, at));
  const changed = model.graph.nodes.find(({ id }) => {
    const [own, lifted] = [before.cost(id), after.cost(id)];
    return AMOUNTS.some((amount) => value(own[amount]) !== value(lifted[amount]));
  });
  return changed && `${changed.name || changed.outputs[0]} would not cost what it costs now`;
}
