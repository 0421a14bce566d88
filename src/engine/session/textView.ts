import { FINDINGS } from "../../core/findings/index";
import type { FindingRule } from "../../core/findings/types";
import { textView } from "../../core/text/view";
import type { Finding, TextView } from "../../protocol/engine";
import type { Offers } from "./offers";
import { type ModelState, nodeKey } from "./state";

/** The text view of one state, with what findings say of its lines; made when first asked for. */
export class ModelText {
  private readonly state: ModelState;
  private readonly offers: Offers;
  private readonly lines: readonly string[];
  /** Position of the node of each line; -1 where there is none. */
  readonly positions: readonly number[];
  /** The module path that each line names; "" where it names none. */
  readonly modules: readonly string[];

  constructor(state: ModelState, offers: Offers) {
    this.state = state;
    this.offers = offers;
    const pathOf = ({ id }: { readonly id: number }) => state.paths[state.positionOf.get(id) ?? -1] ?? "";
    const { lines, nodes, modules } = textView(state.model, state.inference, pathOf);
    this.lines = lines;
    this.modules = modules;
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

  /** Those of the model as a whole stand at its first line. */
  findings(): Finding[] {
    const { model, inference, nodes, graphs } = this.state;
    const ofModel = FINDINGS.flatMap((rule): Finding[] => {
      const { offers } = this.offers.ofModel;
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

  private keyAt(position: number): string {
    const node = this.state.nodes[position];
    return node === undefined ? "" : nodeKey(node);
  }
}

function described({ code, severity }: FindingRule): Pick<Finding, "code" | "severity"> {
  return { code, severity };
}
