import type fc from "fast-check";
import { allGraphs } from "../../../src/core/edit/graphs";
import type { Edit, NewNode } from "../../../src/core/edit/types";
import { changedInfo } from "../../../src/core/edit/valueInfo";
import type { Attribute, Graph, Model, ValueInfo } from "../../../src/core/model/types";

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
  switch (draw.verb % 10) {
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
    case 5:
      return (
        node && {
          kind: "setOutput",
          graph: graph.path,
          node: node.id,
          index: draw.extra % Math.max(1, node.outputs.length),
          value: draw.value % 5 === 0 ? "" : `renamed ${made++}`,
        }
      );
    case 6:
      return interfaceEdit(graph, draw);
    case 7: {
      const declared = [...graph.valueInfo.values()];
      const old = declared[draw.place % Math.max(1, declared.length)];
      const name = draw.extra % 3 === 0 || old === undefined ? (value ?? "") : old.name;
      const info = graph.valueInfo.get(name) ?? floats(name);
      return {
        kind: "setValueInfo",
        graph: graph.path,
        name,
        info:
          draw.value % 3 === 0 ? undefined : changedInfo(info, { dims: [draw.extra % 9, "n", undefined] }),
      };
    }
    case 8:
      return {
        kind: "setOpset",
        domain: ["", "ai.onnx", "new.domain"][draw.value % 3]!,
        version: 1 + (draw.extra % 30),
      };
    default: {
      const names = [...graph.initializers.keys()];
      const name = names[draw.value % Math.max(1, names.length)];
      return name === undefined ? undefined : { kind: "dropTensor", graph: graph.path, name };
    }
  }
}

function floats(name: string): ValueInfo {
  return { name, kind: "tensor", dtype: "float32", dims: ["batch", 3], doc: "" };
}

/** Another name or type for an input or output, one more of them, one less, or another order. */
function interfaceEdit(graph: Graph, { place, value, extra }: Draw): Edit {
  const side = extra % 2 === 0 ? "inputs" : "outputs";
  const list = graph[side];
  const at = place % Math.max(1, list.length);
  const old = list[at];
  const changes: readonly (readonly ValueInfo[])[] = [
    old === undefined ? [] : list.with(at, changedInfo(old, { dtype: "float16", dims: [1, "made"] })),
    [...list, floats(`interface ${made++}`)],
    list.toSpliced(at, 1),
    list.toReversed(),
    old === undefined ? [] : list.with(at, changedInfo(old, { name: `interface ${made++}` })),
  ];
  return { kind: "setInterface", graph: graph.path, [side]: changes[value % changes.length]! };
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
