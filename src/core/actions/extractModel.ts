import { indexOf } from "../edit/graphIndex";
import { freshName } from "../edit/graphs";
import type { Edit } from "../edit/types";
import { changedInfo } from "../edit/valueInfo";
import { ModelError } from "../errors";
import { format } from "../expr";
import type { Inference } from "../infer/types";
import { subgraphsOf } from "../model/subgraphs";
import type { Graph, Node, ValueInfo } from "../model/types";
import { listParam } from "./params";
import { remove, undeclare } from "./rewire";
import { type ModelAction, WHOLE_MODEL } from "./types";

const ID = "extractModel";
const TITLE = "Extract a sub-model";

/** The part of a model between chosen values: the others and their weights go. */
export const extractModel: ModelAction = {
  scope: "model",
  id: ID,
  title: TITLE,
  description:
    "Keeps what leads from the chosen inputs to the chosen outputs, which may be any values of the main graph, and " +
    "removes the rest with its weights. Inputs of the model that are still needed stay.",
  onRequest: true,

  answers({ model }) {
    const inputs = model.graph.inputs.map(({ name }) => name).join(", ");
    const outputs = model.graph.outputs.map(({ name }) => name).join(", ");
    return [
      {
        kind: "offer",
        offer: {
          call: { action: ID, target: WHOLE_MODEL, params: { inputs, outputs } },
          title: TITLE,
          detail: "Between values of the main graph that you name",
          weightBytesBefore: 0,
          weightBytesAfter: 0,
          params: [
            {
              name: "inputs",
              title: "Inputs",
              kind: "text",
              default: inputs,
              description: "Names of values, separated by commas",
            },
            {
              name: "outputs",
              title: "Outputs",
              kind: "text",
              default: outputs,
              description: "Names of values, separated by commas",
            },
          ],
        },
      },
    ];
  },

  plan({ model, inference }, params) {
    const { graph } = model;
    const inputs = listParam(params, "inputs");
    const outputs = listParam(params, "outputs");
    if (outputs.length === 0) {
      throw new ModelError("usage", "Name at least one output.");
    }
    const part = partOf(graph, new Set(inputs), outputs);
    const declared = (name: string) => infoOf(graph, inference, name);
    const chosen = new Set(inputs);
    const kept = graph.inputs.filter(({ name }) => part.values.has(name) && !chosen.has(name));
    const cut = inputs
      .flatMap((name) =>
        indexOf(graph)
          .makers.get(name)
          .map((node) => ({ node, name })),
      )
      .filter(({ node }) => part.nodes.has(node));
    const gone = graph.nodes.filter((node) => !part.nodes.has(node));
    const isMade = new Set([...part.nodes].flatMap((node) => node.outputs));
    const declaredGone = [...graph.valueInfo.keys()].filter(
      (name) => !isMade.has(name) || chosen.has(name) || outputs.includes(name),
    );
    return {
      label: `${TITLE} from ${inputs.join(", ") || "the inputs"} to ${outputs.join(", ")}`,
      edits: [
        ...cut.map(
          ({ node, name }, position): Edit => ({
            kind: "setOutput",
            graph: "",
            node: node.id,
            index: node.outputs.indexOf(name),
            value: freshName(model, `${name}_unused_${position}`),
          }),
        ),
        ...gone.flatMap((node) => remove(graph, node).filter(({ kind }) => kind === "removeNode")),
        ...undeclare(graph, declaredGone),
        ...[...graph.initializers.keys()]
          .filter((name) => !part.values.has(name) || chosen.has(name))
          .map((name): Edit => ({ kind: "dropTensor", graph: "", name })),
        {
          kind: "setInterface",
          graph: "",
          inputs: [...inputs.filter((name) => part.values.has(name)).map(declared), ...kept],
          outputs: outputs.map(declared),
        },
      ],
    };
  },
};

interface Part {
  readonly nodes: ReadonlySet<Node>;
  /** All values that these nodes or the outputs read, the chosen inputs included where somebody reads them. */
  readonly values: ReadonlySet<string>;
}

/** Looks backwards from the outputs and stops at the inputs. */
function partOf(graph: Graph, inputs: ReadonlySet<string>, outputs: readonly string[]): Part {
  const { makers } = indexOf(graph);
  const sources = new Set([...graph.inputs.map(({ name }) => name), ...graph.initializers.keys()]);
  const nodes = new Set<Node>();
  const values = new Set<string>();
  const queue = [...outputs];
  for (const name of [...inputs, ...outputs]) {
    if (!sources.has(name) && makers.get(name).length === 0) {
      throw new ModelError("inconsistent", `The main graph has no value named ${name}.`);
    }
  }
  const twice = outputs.find((name) => inputs.has(name));
  if (twice !== undefined) {
    throw new ModelError("inconsistent", `${twice} cannot be an input and an output at once.`);
  }
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (name === "" || values.has(name)) {
      continue;
    }
    values.add(name);
    for (const maker of inputs.has(name) ? [] : makers.get(name)) {
      if (!nodes.has(maker)) {
        nodes.add(maker);
        queue.push(...maker.inputs, ...subgraphsOf(maker).flatMap(readInside));
      }
    }
  }
  const unread = [...inputs].find((name) => !values.has(name));
  if (unread !== undefined) {
    throw new ModelError("inconsistent", `Nothing on the way to the outputs reads ${unread}.`);
  }
  return { nodes, values };
}

/** Every name that a graph inside a node reads or gives out; its own values do no harm among them. */
function readInside(graph: Graph): readonly string[] {
  const names = graph.outputs.map(({ name }) => name);
  for (const node of graph.nodes) {
    names.push(...node.inputs, ...subgraphsOf(node).flatMap(readInside));
  }
  return names;
}

function infoOf(graph: Graph, inference: Inference, name: string): ValueInfo {
  const declared = [...graph.inputs, ...graph.outputs].find((info) => info.name === name);
  const { kind = "tensor", dtype, shape } = inference.fact(graph, name);
  if (declared !== undefined) {
    return declared;
  }
  const info = graph.valueInfo.get(name);
  if (kind !== "tensor" || dtype === undefined) {
    throw new ModelError("inconsistent", `The type of ${name} is not known, so that it cannot be declared.`);
  }
  const dims = shape?.map((dim) => (dim === undefined || typeof dim === "number" ? dim : format(dim)));
  return info?.kind === "tensor" && info.dtype === dtype
    ? changedInfo(info, { dims })
    : { name, kind: "tensor", dtype, dims, doc: "" };
}
