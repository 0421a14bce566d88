import { ACTIONS } from "../../core/actions/index";
import type { Offer, Refusal } from "../../protocol/actions";
import type { ModelState } from "./state";

export interface Answers {
  readonly offers: readonly Offer[];
  readonly refusals: readonly Refusal[];
}

/** What the actions say of each node of one state, asked when somebody wants to know. */
export class Offers {
  private readonly state: ModelState;
  private readonly known: (Answers | undefined)[];

  constructor(state: ModelState) {
    this.state = state;
    this.known = new Array(state.nodes.length).fill(undefined);
  }

  at(position: number): Answers {
    let answers = this.known[position];
    if (answers === undefined) {
      answers = this.ask(position);
      this.known[position] = answers;
    }
    return answers;
  }

  below(positions: Iterable<number>): Offer[] {
    return [...positions].flatMap((position) => this.at(position).offers);
  }

  private ask(position: number): Answers {
    const { model, inference, nodes, graphs, paths, names } = this.state;
    const layer = paths[position] || names[position]!;
    const offers: Offer[] = [];
    const refusals: Refusal[] = [];
    for (const action of ACTIONS) {
      const answer = action.answer({ model, inference, graph: graphs[position]!, node: nodes[position]! });
      if (answer.kind === "offer") {
        offers.push({ ...answer.offer, layer });
      } else if (answer.kind === "refusal") {
        refusals.push(answer.refusal);
      }
    }
    return { offers, refusals };
  }
}
