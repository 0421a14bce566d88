import { ACTIONS } from "../../core/actions/index";
import type { Action, ActionAnswer } from "../../core/actions/types";
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

  /** What would improve these nodes. */
  below(positions: Iterable<number>): Offer[] {
    return [...positions].flatMap((position) =>
      this.at(position).offers.filter(({ onRequest }) => onRequest !== true),
    );
  }

  private ask(position: number): Answers {
    const { model, inference, nodes, graphs, paths, names } = this.state;
    const context = { model, inference, graph: graphs[position]!, node: nodes[position]! };
    const layer = paths[position] || names[position]!;
    const { offers, refusals } = together(
      ACTIONS.filter((action) => action.scope === "node").map((action) => ({
        action,
        given: sorted([action.answer(context)]),
      })),
    );
    return { offers: offers.map((offer) => ({ ...offer, layer })), refusals };
  }

  private askModel(): Answers {
    const { model, inference } = this.state;
    const actions = ACTIONS.filter((action) => action.scope === "model");
    return together(
      actions.map((action) => ({ action, given: sorted(action.answers({ model, inference })) })),
    );
  }
}

/** What several actions answered; each offer says what its action is: there on request only, or one that rounds weights. */
function together(answers: readonly { readonly action: Action; readonly given: Answers }[]): Answers {
  return {
    offers: answers.flatMap(({ action, given }) =>
      given.offers.map((offer) => ({
        ...offer,
        ...(action.onRequest ? { onRequest: true as const } : {}),
        ...(action.preview === undefined ? {} : { rounds: true as const }),
      })),
    ),
    refusals: answers.flatMap(({ given }) => given.refusals),
  };
}

function sorted(answers: readonly ActionAnswer[]): Answers {
  return {
    offers: answers.flatMap((answer) => (answer.kind === "offer" ? [answer.offer] : [])),
    refusals: answers.flatMap((answer) => (answer.kind === "refusal" ? [answer.refusal] : [])),
  };
}
