import { expect, test } from "vitest";
import { ACTIONS } from "../../../src/core/actions/index";
import { format } from "../../../src/core/expr";
import type { Fact } from "../../../src/core/facts/fact";
import { infer } from "../../../src/core/infer/infer";
import type { Inference } from "../../../src/core/infer/types";
import type { Graph, Node } from "../../../src/core/model/types";
import type { ActionCall } from "../../../src/protocol/actions";
import { FIXTURES } from "../../support/fixtures";
import { Random } from "../../support/random";
import { openFixture } from "../actions/fixtureModels";
import type { Opened } from "../actions/opened";

/** All that an inference says of a model, in words. */
function said(opened: Opened, inference: Inference): string {
  const words: string[] = [inference.symbols.join(), JSON.stringify(inference.problems)];
  const fact = ({ kind, dtype, shape, small }: Fact) =>
    [
      kind,
      dtype,
      ...[shape, small].map((list) => list?.map((one) => (one === undefined ? "?" : format(one)))),
    ].join(" ");
  for (const { graph, node } of opened.nodes()) {
    const { macs, flops, readBytes, writeBytes, trust, rule, countedBy } = inference.cost(node.id);
    const amounts = [macs, flops, readBytes, writeBytes].map((one) =>
      one === undefined ? "?" : format(one),
    );
    words.push([node.name, ...amounts, trust, rule, countedBy].join(" "));
    words.push(...node.outputs.map((name) => `${name} ${fact(inference.fact(graph, name))}`));
  }
  return words.join("\n");
}

interface Choice {
  readonly call: ActionCall;
  readonly at?: { readonly graph: Graph; readonly node: Node };
}

function choices(opened: Opened, inference: Inference): readonly Choice[] {
  const { model } = opened;
  return ACTIONS.filter(({ onRequest }) => onRequest !== true).flatMap((action): readonly Choice[] => {
    const places =
      action.scope === "model"
        ? [{ answers: action.answers({ model, inference }) }]
        : [...opened.nodes()].map((at) => ({ at, answers: [action.answer({ model, inference, ...at })] }));
    return places.flatMap(({ answers, ...at }) =>
      answers.flatMap((answer) => (answer.kind === "offer" ? [{ call: answer.offer.call, ...at }] : [])),
    );
  });
}

test.each(FIXTURES)(
  "$name: after edits and undo, what is worked out again is what is worked out anew",
  (fixture) => {
    const opened = openFixture(fixture);
    const { model, reader, history } = opened;
    const readSmall = {
      readSmall: (tensor: Parameters<typeof reader.small>[0]) => reader.small(tensor, 256),
    };
    const random = new Random(17);
    let inference = infer(model, readSmall);
    const first = said(opened, inference);
    for (let step = 0; step < 4; step++) {
      const all = choices(opened, inference);
      if (all.length === 0) {
        break;
      }
      const { call, at } = random.pick(all);
      const action = ACTIONS.find(({ id }) => id === call.action)!;
      history.step(model, "edit", [], (apply) =>
        apply(
          action.scope === "model"
            ? action.plan({ model, inference }, call.params, reader)
            : action.plan({ model, inference, ...at! }, call.params, reader),
        ),
      );
      inference = infer(model, { ...readSmall, previous: inference });
      expect(said(opened, inference)).toBe(said(opened, infer(model, readSmall)));
    }
    while (history.canUndo) {
      history.undo();
      inference = infer(model, { ...readSmall, previous: inference });
    }
    expect(said(opened, inference)).toBe(first);
  },
);
