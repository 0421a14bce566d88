import type { Edit } from "../edit/types";
import { ModelError } from "../errors";
import { subgraphsOf } from "../model/subgraphs";
import type { Graph, Model, Node, TensorRef } from "../model/types";
import { byteLength } from "../tensor/size";
import { counted } from "./naming";
import { type ModelAction, WHOLE_MODEL } from "./types";

const ID = "removeUnused";
const TITLE = "Remove unused nodes and weights";

/** What no output of the model depends on goes: nodes whose results nobody reads, and initializers that nobody reads. */
export const removeUnused: ModelAction = {
  scope: "model",
  id: ID,
  title: TITLE,
  description: "Removes nodes and initializers that no output depends on. Outputs stay exactly the same.",

  answers({ model }) {
    const { nodes, tensors } = unused(model);
    if (nodes.length + tensors.length === 0) {
      return [];
    }
    const before = storedBytes(model);
    const gone = tensors.reduce((sum, { tensor }) => sum + byteLength(tensor), 0);
    return [
      {
        kind: "offer",
        offer: {
          call: { action: ID, target: WHOLE_MODEL, params: {} },
          title: TITLE,
          detail: `${counted(nodes.length, "node")} and ${counted(tensors.length, "initializer")} that no output depends on`,
          weightBytesBefore: before,
          weightBytesAfter: before - gone,
        },
      },
    ];
  },

  plan({ model }) {
    const { nodes, tensors } = unused(model);
    if (nodes.length + tensors.length === 0) {
      throw new ModelError("inconsistent", "Every node and initializer of the model is used.");
    }
    return {
      label: TITLE,
      edits: [
        ...nodes.map(({ graph, node }): Edit => ({ kind: "removeNode", graph: graph.path, node: node.id })),
        ...nodes.flatMap(({ graph, node }) =>
          node.outputs
            .filter((output) => graph.valueInfo.has(output))
            .map((name): Edit => ({ kind: "setValueInfo", graph: graph.path, name, info: undefined })),
        ),
        ...tensors.map(
          ({ graph, tensor }): Edit => ({ kind: "dropTensor", graph: graph.path, name: tensor.name }),
        ),
      ],
    };
  },
};

interface Unused {
  readonly nodes: readonly { readonly graph: Graph; readonly node: Node }[];
  readonly tensors: readonly { readonly graph: Graph; readonly tensor: TensorRef }[];
}

const NOTHING: Unused = { nodes: [], tensors: [] };

function unused(model: Model): Unused {
  const found = [...model.functions.map(({ graph }) => graph), model.graph].map((graph) => unusedIn(graph));
  return join(found.map(({ unused: one }) => one));
}

/** Looks backwards from the outputs; `free` are the values that the graph reads from graphs around it. */
function unusedIn(graph: Graph): { readonly unused: Unused; readonly free: ReadonlySet<string> } {
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const nodes: { graph: Graph; node: Node }[] = [];
  const inside: Unused[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((output) => needed.has(output))) {
      nodes.push({ graph, node });
      continue;
    }
    for (const input of node.inputs) {
      needed.add(input);
    }
    for (const body of subgraphsOf(node)) {
      const { unused: below, free } = unusedIn(body);
      inside.push(below);
      for (const value of free) {
        needed.add(value);
      }
    }
  }
  const isInterface = new Set(graph.inputs.map(({ name }) => name));
  const tensors = [...graph.initializers.values()]
    .filter(({ name }) => !needed.has(name) && !isInterface.has(name))
    .map((tensor) => ({ graph, tensor }));
  const own = new Set([
    ...graph.initializers.keys(),
    ...isInterface,
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ]);
  return {
    unused: join([{ nodes, tensors }, ...inside]),
    free: new Set([...needed].filter((value) => !own.has(value))),
  };
}

function join(parts: readonly Unused[]): Unused {
  return parts.reduce(
    (all, { nodes, tensors }) => ({
      nodes: [...all.nodes, ...nodes],
      tensors: [...all.tensors, ...tensors],
    }),
    NOTHING,
  );
}

function storedBytes({ graph }: Model): number {
  return [...graph.initializers.values()].reduce((sum, tensor) => sum + byteLength(tensor), 0);
}
