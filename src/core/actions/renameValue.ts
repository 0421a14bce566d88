import { indexOf } from "../edit/graphIndex";
import { freshName, isNameTaken } from "../edit/graphs";
import type { Edit } from "../edit/types";
import { changedInfo } from "../edit/valueInfo";
import { ModelError } from "../errors";
import type { Graph, TensorRef, ValueInfo } from "../model/types";
import { textParam } from "./params";
import { readInstead, undeclare } from "./rewire";
import { type ModelAction, WHOLE_MODEL } from "./types";

const ID = "renameValue";
const TITLE = "Rename an input or output";

/** An input or output of the model gets another name. */
export const renameValue: ModelAction = {
  scope: "model",
  id: ID,
  title: TITLE,
  description: "Gives an input or output of the model another name, where it is declared, made and read.",
  onRequest: true,

  answers({ model }) {
    const names = [...model.graph.inputs, ...model.graph.outputs].map(({ name }) => name);
    const [first] = names;
    if (first === undefined) {
      return [];
    }
    return [
      {
        kind: "offer",
        offer: {
          call: { action: ID, target: WHOLE_MODEL, params: { from: first, to: first } },
          title: TITLE,
          detail: names.join(", "),
          weightBytesBefore: 0,
          weightBytesAfter: 0,
          params: [
            {
              name: "from",
              title: "Input or output",
              kind: "choice",
              default: first,
              choices: [...new Set(names)].map((name) => ({ value: name, title: name })),
            },
            { name: "to", title: "New name", kind: "text", default: first },
          ],
        },
      },
    ];
  },

  plan({ model }, params) {
    const from = textParam(params, "from", "which input or output it is");
    const to = textParam(params, "to", "which name it gets");
    const { graph } = model;
    if (![...graph.inputs, ...graph.outputs].some(({ name }) => name === from)) {
      throw new ModelError("inconsistent", `The model has no input or output named ${from}.`);
    }
    if (isNameTaken(graph, to) || graph.outputs.some(({ name }) => name === to)) {
      throw new ModelError(
        "inconsistent",
        `Another value of the model is named ${to} already.`,
        {},
        `Free would be ${freshName(model, to)}.`,
      );
    }
    return { label: `Rename ${from} to ${to}`, edits: edits(graph, from, to) };
  },
};

function edits(graph: Graph, from: string, to: string): readonly Edit[] {
  const renamed = (infos: readonly ValueInfo[]) =>
    infos.map((info) => (info.name === from ? changedInfo(info, { name: to }) : info));
  const { path } = graph;
  const weight = graph.initializers.get(from);
  const made = indexOf(graph)
    .makers.get(from)
    .map(
      (node): Edit => ({
        kind: "setOutput",
        graph: path,
        node: node.id,
        index: node.outputs.indexOf(from),
        value: to,
      }),
    );
  return [
    ...(weight === undefined ? [] : renamedWeight(path, weight, to)),
    ...made,
    { kind: "setInterface", graph: path, inputs: renamed(graph.inputs), outputs: renamed(graph.outputs) },
    ...readInstead(graph, from, to),
    ...undeclare(graph, [from]),
  ];
}

/** The default of an input goes by the input's name. */
function renamedWeight(graph: string, { span: _, ...weight }: TensorRef, name: string): readonly Edit[] {
  return [
    { kind: "dropTensor", graph, name: weight.name },
    { kind: "putTensor", graph, tensor: { ...weight, name } },
  ];
}
