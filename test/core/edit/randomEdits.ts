import type fc from "fast-check";
import { allGraphs } from "../../../src/core/edit/graphs";
import type { Edit, NewNode } from "../../../src/core/edit/types";
import type { Attribute, Graph, Model } from "../../../src/core/model/types";

/** What fast-check draws for one edit: choices that are made into an edit of the model as it then is. */
export interface Draw {
  readonly verb: number;
  readonly graph: number;
  readonly place: number;
  readonly value: number;
  readonly extra: number;
}

export function draws(check: typeof fc): fc.Arbitrary<Draw> {
  const number = check.nat({ max: 1_000_000 });
  return check.record({ verb: number, graph: number, place: number, value: number, extra: number });
}

const ATTRIBUTES: readonly Attribute[] = [
  { type: "int", value: -7 },
  { type: "float", value: 0.5 },
  { type: "string", value: "text" },
  { type: "ints", value: [1, 2, 3] },
  { type: "floats", value: [] },
  { type: "strings", value: ["a", ""] },
];

let made = 0;

/**
 * An edit that is likely to be possible, though not certainly: the model decides. Undefined where the drawn verb has
 * nothing to work on.
 */
export function editFor(model: Model, draw: Draw): Edit | undefined {
  const graphs = [...allGraphs(model)];
  const graph = graphs[draw.graph % graphs.length]!;
  const node = graph.nodes[draw.place % Math.max(1, graph.nodes.length)];
  const values = readable(graph, draw.place);
  const value = values[draw.value % Math.max(1, values.length)];
  switch (draw.verb % 6) {
    case 0:
      return {
        kind: "addNode",
        graph: graph.path,
        node: newNode(value),
        before: draw.extra % 4 === 0 ? undefined : node?.id,
      };
    case 1:
      return node && { kind: "removeNode", graph: graph.path, node: node.id };
    case 2:
      return node === undefined || value === undefined
        ? undefined
        : {
            kind: "setInput",
            graph: graph.path,
            node: node.id,
            index: draw.extra % (node.inputs.length + 1),
            value,
          };
    case 3: {
      const names = [...(node?.attributes.keys() ?? []), "fresh"];
      const name = names[draw.extra % names.length]!;
      const fresh = ATTRIBUTES[draw.value % ATTRIBUTES.length]!;
      return (
        node && {
          kind: "setAttribute",
          graph: graph.path,
          node: node.id,
          name,
          value: draw.extra % 3 === 0 && name !== "fresh" ? undefined : fresh,
        }
      );
    }
    case 4:
      return {
        kind: "putTensor",
        graph: graph.path,
        tensor: {
          name: `put ${made++}`,
          dtype: "float32",
          dims: [2],
          data: { kind: "memory", bytes: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, draw.value % 256) },
        },
      };
    default: {
      const names = [...graph.initializers.keys()];
      const name = names[draw.value % Math.max(1, names.length)];
      return name === undefined ? undefined : { kind: "dropTensor", graph: graph.path, name };
    }
  }
}

/** Values that a node at this place may read, and a few that it may not. */
function readable(graph: Graph, place: number): string[] {
  const before = graph.nodes.slice(0, (place % Math.max(1, graph.nodes.length)) + 1);
  return [
    ...graph.initializers.keys(),
    ...graph.inputs.map(({ name }) => name),
    ...before.flatMap(({ outputs }) => outputs),
  ].filter((name) => name !== "");
}

function newNode(input: string | undefined): NewNode {
  return {
    name: `node ${made}`,
    domain: "",
    opType: "Identity",
    inputs: input === undefined ? [] : [input],
    outputs: [`made ${made++}`],
    attributes: new Map([["note", { type: "int", value: made }]]),
    metadata: new Map([["why", "test"]]),
  };
}
