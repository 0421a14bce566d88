import { ACTIONS } from "../../core/actions/index";
import type { ActionAnswer } from "../../core/actions/types";
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
  private whole: Answers | undefined;

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

  /** What can be done to the model as a whole. */
  get ofModel(): Answers {
    this.whole ??= this.askModel();
    return this.whole;
  }

  /** What would improve the model as a whole. */
  get suggestedForModel(): readonly Offer[] {
    return this.ofModel.offers.filter(({ onRequest }) => onRequest !== true);
  }

  below(positions: Iterable<number>): Offer[] {
    return [...positions].flatMap((position) => this.at(position).offers);
  }

  private ask(position: number): Answers {
    const { model, inference, nodes, graphs, paths, names } = this.state;
    const context = { model, inference, graph: graphs[position]!, node: nodes[position]! };
    const answers = ACTIONS.flatMap((action) => (action.scope === "node" ? [action.answer(context)] : []));
    const layer = paths[position] || names[position]!;
    const { offers, refusals } = sorted(answers);
    return { offers: offers.map((offer) => ({ ...offer, layer })), refusals };
  }

  private askModel(): Answers {
    const { model, inference } = this.state;
    const actions = ACTIONS.filter((action) => action.scope === "model");
    const answers = actions.map((action) => ({
      action,
      given: sorted(action.answers({ model, inference })),
    }));
    return {
      offers: answers.flatMap(({ action, given }) =>
        action.onRequest
          ? given.offers.map((offer) => ({ ...offer, onRequest: true as const }))
          : given.offers,
      ),
      refusals: answers.flatMap(({ given }) => given.refusals),
    };
  }
}

function sorted(answers: readonly ActionAnswer[]): Answers {
  return {
    offers: answers.flatMap((answer) => (answer.kind === "offer" ? [answer.offer] : [])),
    refusals: answers.flatMap((answer) => (answer.kind === "refusal" ? [answer.refusal] : [])),
  };
}
