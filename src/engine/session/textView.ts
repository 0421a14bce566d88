import { format } from "../../core/expr";
import { FINDINGS } from "../../core/findings/index";
import type { FindingRule } from "../../core/findings/types";
import { textView } from "../../core/text/view";
import type { Finding, Lens, TextView } from "../../protocol/engine";
import { sumKnown } from "../table/amounts";
import type { Offers } from "./offers";
import { type ModelState, nodeKey } from "./state";

const FORMULA_SHOWN = 300;

/** The text view of one state, with what lenses and findings say of its lines; made when first asked for. */
export class ModelText {
  private readonly state: ModelState;
  private readonly offers: Offers;
  private readonly lines: readonly string[];
  /** Position of the node of each line; -1 where there is none. */
  private readonly positions: readonly number[];

  constructor(state: ModelState, offers: Offers) {
    this.state = state;
    this.offers = offers;
    const pathOf = ({ id }: { readonly id: number }) => state.paths[state.positionOf.get(id) ?? -1] ?? "";
    const { lines, nodes } = textView(state.model, state.inference, pathOf);
    this.lines = lines;
    this.positions = nodes.map((id) => state.positionOf.get(id) ?? -1);
  }

  view(): TextView {
    return {
      revision: this.state.revision,
      text: `${this.lines.join("\n")}\n`,
      // The text ends with a line break, which an editor shows as one more line.
      lineKeys: [...this.positions.map((position) => this.keyAt(position)), ""],
    };
  }

  /** What each line of a range costs, and what can be done there. */
  lenses(startLine: number, endLine: number, minShare: number): Lens[] {
    const { state } = this;
    const total = sumKnown(state.columns.flops, state.counted);
    const lenses: Lens[] = [];
    this.positions.slice(Math.max(0, startLine), endLine + 1).forEach((position, offset) => {
      if (position < 0) {
        return;
      }
      const line = Math.max(0, startLine) + offset;
      const flops = state.columns.flops[position]!;
      if (flops > 0 && total > 0 && flops / total >= minShare) {
        lenses.push({ line, ...this.costLens(position, flops, flops / total) });
      }
      for (const offer of this.offers.at(position).offers) {
        lenses.push({ line, title: offer.title, tooltip: offer.detail, call: offer.call });
      }
    });
    return lenses;
  }

  /** Those of the model as a whole stand at its first line. */
  findings(): Finding[] {
    const { model, inference, nodes, graphs } = this.state;
    const ofModel = FINDINGS.flatMap((rule): Finding[] => {
      const offers = this.offers.suggestedForModel;
      const found = rule.scope === "model" ? rule.look({ model, inference, offers }) : undefined;
      return found === undefined ? [] : [{ ...described(rule), key: "m", line: 0, ...found }];
    });
    const atNodes = this.positions.flatMap((position, line) => {
      const node = nodes[position];
      if (node === undefined) {
        return [];
      }
      const { offers } = this.offers.at(position);
      const context = { model, inference, graph: graphs[position]!, node, offers };
      return FINDINGS.flatMap((rule): Finding[] => {
        const found = rule.scope === "node" ? rule.look(context) : undefined;
        return found === undefined ? [] : [{ ...described(rule), key: nodeKey(node), line, ...found }];
      });
    });
    return [...ofModel, ...atNodes];
  }

  private costLens(position: number, flops: number, share: number): Pick<Lens, "title" | "tooltip"> {
    const cost = this.state.inference.cost(this.state.nodes[position]!.id);
    const formula = cost.flops === undefined ? "" : format(cost.flops);
    const shown = formula.length > FORMULA_SHOWN ? `${formula.slice(0, FORMULA_SHOWN)}…` : formula;
    return {
      title: `${(share * 100).toFixed(1)} % of FLOPs · ${scaled(flops)}FLOPs`,
      tooltip: `FLOPs = ${shown}\n${cost.rule}`,
    };
  }

  private keyAt(position: number): string {
    const node = this.state.nodes[position];
    return node === undefined ? "" : nodeKey(node);
  }
}

function described({ code, severity }: FindingRule): Pick<Finding, "code" | "severity"> {
  return { code, severity };
}

/** "12.3 M", with three digits. */
function scaled(value: number): string {
  const units = ["", "k", "M", "G", "T", "P", "E"];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(value) / 3)));
  return `${Number((value / 1000 ** step).toPrecision(3))} ${units[step]}`;
}
