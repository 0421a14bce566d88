import type { Tensor } from "onnxruntime-node";
import { ACTIONS } from "../../../src/core/actions/index";
import type { ModelAction, NodeAction, Params } from "../../../src/core/actions/types";
import { ModelError } from "../../../src/core/errors";
import type { Inference } from "../../../src/core/infer/types";
import type { Random } from "../../support/random";
import type { Opened } from "./opened";

/** What was done to a model, as far as whoever runs it afterwards has to know. */
export interface Done {
  readonly action: string;
  readonly params: Params;
}

type Feeds = { readonly [name: string]: Tensor };

/** Nodes at which one step takes an action. */
const NODES = 4;
/** Tries with other parameters before another action is taken. */
const TRIES = 3;

/** Takes one action at random places with random parameters, as one step; undefined where none is possible. */
export function takeRandom(opened: Opened, feeds: Feeds, random: Random): Done | undefined {
  const { inference } = opened;
  for (const action of random.shuffled(ACTIONS)) {
    const done =
      action.scope === "node"
        ? atNodes(opened, inference, action, random)
        : ofModel(opened, inference, action, feeds, random);
    if (done !== undefined) {
      return done;
    }
  }
  return undefined;
}

function atNodes(opened: Opened, inference: Inference, action: NodeAction, random: Random): Done | undefined {
  const { model, reader, history } = opened;
  const isOffered = (at: {
    readonly graph: typeof model.graph;
    readonly node: (typeof model.graph.nodes)[0];
  }) => at.graph.nodes.includes(at.node) && action.answer({ model, inference, ...at }).kind === "offer";
  const places = random.shuffled([...opened.nodes()].filter(isOffered)).slice(0, 1 + random.below(NODES));
  if (places.length === 0) {
    return undefined;
  }
  const params = Object.fromEntries((action.params ?? []).map((spec) => [spec.name, spec.default]));
  history.step(model, action.id, [], (apply) => {
    // What an earlier place of the step took away is not offered any more.
    for (const at of places.filter((place, index) => index === 0 || isOffered(place))) {
      if (isOffered(at)) {
        apply(action.plan({ model, inference, ...at }, params, reader));
      }
    }
  });
  return { action: action.id, params };
}

function ofModel(
  opened: Opened,
  inference: Inference,
  action: ModelAction,
  feeds: Feeds,
  random: Random,
): Done | undefined {
  const { model, reader, history } = opened;
  const [answer] = action.answers({ model, inference });
  if (answer?.kind !== "offer") {
    return undefined;
  }
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const params = { ...answer.offer.call.params, ...randomParams(opened, action.id, feeds, random) };
    try {
      history.step(model, action.id, [], (apply) => apply(action.plan({ model, inference }, params, reader)));
      return { action: action.id, params };
    } catch (thrown) {
      if (!(thrown instanceof ModelError) || thrown.code !== "inconsistent") {
        throw thrown;
      }
    }
  }
  return undefined;
}

/** Parameters beside the defaults of the offer, such that the feeds still fit. */
function randomParams({ model }: Opened, action: string, feeds: Feeds, random: Random): Params {
  const { graph } = model;
  const infos = [...graph.inputs, ...graph.outputs];
  switch (action) {
    case "setDim": {
      const open = graph.inputs.flatMap(({ name, dims }) =>
        (dims ?? []).flatMap((dim, axis) => {
          const size = feeds[name]?.dims[axis];
          return typeof dim === "string" && size !== undefined ? [{ dim, to: size }] : [];
        }),
      );
      return open.length === 0 || random.below(3) === 0
        ? { to: `size_${random.below(1000)}` }
        : random.pick(open);
    }
    case "makeDynamic": {
      const { name, dims = [] } = random.pick(graph.inputs);
      const axis = random.below(Math.max(1, dims.length));
      return random.below(2) === 0 ? {} : { inputs: name, axis, name: `open_${random.below(1000)}` };
    }
    case "renameValue":
      return { from: random.pick(infos).name, to: `value_${random.below(100_000)}` };
    case "extractModel":
      return {
        inputs: "",
        outputs: [...new Set([graph.outputs[0]!.name, random.pick(random.pick(graph.nodes).outputs)])].filter(
          (name) => name !== "" && !graph.inputs.some((input) => input.name === name),
        ),
      };
    case "changeOpset":
      return { version: 11 + random.below(16) };
    case "convertFloat16":
    case "convertFloat32":
      return { keepInterface: random.below(2) === 0 };
    default:
      return {};
  }
}
