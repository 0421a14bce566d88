import { format } from "../../core/expr";
import type { Lens, LensQuery } from "../../protocol/engine";
import { sumKnown } from "../table/amounts";
import { moduleTree } from "../table/modules";
import { moduleKey } from "../table/order";
import { nodeKey } from "./state";
import type { View } from "./view";

const FORMULA_SHOWN = 300;
/** A module that is hardly more than its most costly node would say the same once more. */
const OVER_ITS_NODE = 1.1;
const ATTENTION_PARTS = ["scores", "softmax", "weightedSum"] as const;

/** What each line of a range costs, and what can be done there that is worth a lens: see LensQuery. */
export function lensesOf(view: View, query: LensQuery): Lens[] {
  const { text } = view;
  const lenses: Lens[] = [];
  const first = Math.max(0, query.startLine);
  const total = sumKnown(view.state.columns.flops, view.state.counted);
  const blocks = attentionByLine(view, total);
  const modules = modulesByLine(view, total, query.minShare ?? 0);
  for (let line = first; line <= query.endLine && line < text.positions.length; line++) {
    lenses.push(...(modules.get(line) ?? []), ...(blocks.get(line) ?? []));
    const position = text.positions[line]!;
    if (position >= 0) {
      lenses.push(...nodeLenses(view, position, line, total, query));
    }
  }
  return lenses;
}

function nodeLenses(view: View, position: number, line: number, total: number, query: LensQuery): Lens[] {
  const { state, table, offers } = view;
  const flops = state.columns.flops[position]!;
  const share = flops / total;
  const isCostly = flops > 0 && share >= (query.minShare ?? 0);
  const wanted = offers
    .at(position)
    .offers.filter(({ onRequest }) => onRequest !== true)
    .map((offer) => ({ offer, saved: offer.weightBytesBefore - offer.weightBytesAfter }))
    .filter(({ saved }) => isCostly || saved >= (query.minSaving ?? 0))
    .sort((a, b) => b.saved - a.saved)
    .slice(0, query.maxFixes);
  const lenses: Lens[] = wanted.map(({ offer }) => ({ kind: "fix", line, offer }));
  if (isCostly) {
    const { weightBytes, timeMs } = table.nodeRow(position);
    const tooltip = ruleOf(view, position);
    const key = nodeKey(state.nodes[position]!);
    lenses.unshift({ kind: "cost", line, key, share, flops, weightBytes, timeMs, tooltip });
  }
  return lenses;
}

/** Costly modules, at the first of the lines that name them. */
function modulesByLine(view: View, total: number, minShare: number): Map<number, Lens[]> {
  const { state, table, text } = view;
  const { byPath } = moduleTree(state.paths);
  const lenses = new Map<number, Lens[]>();
  const seen = new Set<string>();
  text.modules.forEach((path, line) => {
    const module = path === "" || seen.has(path) ? undefined : byPath.get(path);
    if (module === undefined) {
      return;
    }
    seen.add(path);
    const { flops, weightBytes, timeMs } = table.sums(module.nodes);
    const largest = module.nodes.reduce((most, at) => Math.max(most, state.columns.flops[at]! || 0), 0);
    const share = flops / total;
    if (flops > OVER_ITS_NODE * largest && share >= minShare) {
      const count = module.nodes.length.toLocaleString("en");
      const tooltip = `${path}: sums over ${count} layers\nClick to show the module in the layer table`;
      lenses.set(line, [
        { kind: "module", line, key: moduleKey(path), share, flops, weightBytes, timeMs, tooltip },
      ]);
    }
  });
  return lenses;
}

/** Attention blocks, at the first line of one of their nodes. */
function attentionByLine(view: View, total: number): Map<number, Lens[]> {
  const { state, text, attention, totals } = view;
  const lenses = new Map<number, Lens[]>();
  const { blocks } = attention.report(totals.now());
  if (blocks.length === 0) {
    return lenses;
  }
  const lineOf = new Map(text.positions.map((position, line) => [position, line]));
  for (const block of blocks) {
    const lines = block.nodes.flatMap((key) => lineOf.get(view.positionOf(key)) ?? []);
    const line = Math.min(...lines);
    if (lines.length > 0) {
      const parts = ATTENTION_PARTS.map((part) => block.cost[part].flops.value);
      const known = parts.filter((value) => value !== null);
      const flops = known.length < parts.length ? null : known.reduce((sum, value) => sum + value, 0);
      lenses.set(line, [
        ...(lenses.get(line) ?? []),
        {
          kind: "attention",
          line,
          key: block.key,
          label: block.label,
          heads: block.heads.value,
          headDim: block.headDim.value,
          queries: block.queryLength.value,
          keys: block.keyLength.value,
          flops,
          share:
            flops === null || total <= 0 || state.counted[view.positionOf(block.key)] !== 1
              ? null
              : flops / total,
        },
      ]);
    }
  }
  return lenses;
}

function ruleOf({ state }: View, position: number): string {
  const cost = state.inference.cost(state.nodes[position]!.id);
  const formula = cost.flops === undefined ? "" : format(cost.flops);
  const shown = formula.length > FORMULA_SHOWN ? `${formula.slice(0, FORMULA_SHOWN)}…` : formula;
  return `FLOPs = ${shown}\n${cost.rule}`;
}
