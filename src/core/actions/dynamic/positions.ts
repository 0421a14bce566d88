import { allGraphs, readsOf } from "../../edit/graphs";
import type { Edit } from "../../edit/types";
import type { Graph, NodeId, TensorRef } from "../../model/types";
import { DTYPE_CODES } from "../../tensor/dtype";
import { elementCount } from "../../tensor/size";
import { fixedTensor } from "../constantResult";
import type { Task } from "./opening";
import type { SizeWriter } from "./sizes";

/** Inputs at which a row of numbers says positions; at others it may say axes, or sizes. */
const POSITIONS: { readonly [op: string]: readonly number[] } = {
  Add: [0, 1],
  Sub: [0, 1],
  Mul: [0, 1],
  Div: [0, 1],
  Equal: [0, 1],
  Less: [0, 1],
  LessOrEqual: [0, 1],
  Greater: [0, 1],
  GreaterOrEqual: [0, 1],
  Cast: [0],
  Expand: [0],
  Gather: [1],
  Reshape: [0],
  Unsqueeze: [0],
};

/** Constants that count 0, 1, 2 … up to the size go on counting: they become a Range up to the opened dim. */
export function countedOn(task: Task, sizes: SizeWriter): readonly Edit[] {
  const { model, opening } = task;
  const bodies = new Set(model.functions.map(({ graph }) => graph));
  if (opening.size === 1) {
    return [];
  }
  return [...allGraphs(model)].flatMap((graph) => {
    const names = [
      ...graph.initializers.keys(),
      ...graph.nodes.filter(({ opType }) => opType === "Constant").map(({ outputs }) => outputs[0] ?? ""),
    ];
    return names.flatMap((name): readonly Edit[] => {
      const tensor = bodies.has(graph) ? undefined : fixedTensor(graph, name);
      return tensor !== undefined && countsUpTo(task, tensor) && saysPositions(graph, name)
        ? range({ task, sizes, graph, name, tensor })
        : [];
    });
  });
}

function countsUpTo({ opening: { size }, reader }: Task, tensor: TensorRef): boolean {
  const { dtype, dims } = tensor;
  return (
    (dtype === "int64" || dtype === "int32") &&
    elementCount(tensor) === size &&
    dims.includes(size) &&
    reader.small(tensor, size)?.every((element, position) => element === position) === true
  );
}

function saysPositions(graph: Graph, name: string): boolean {
  const reads = readsOf(graph, name);
  return (
    reads.length > 0 &&
    reads.every(({ node, index }) => node.domain === "" && POSITIONS[node.opType]?.includes(index) === true)
  );
}

function range({
  task,
  sizes,
  graph,
  name,
  tensor,
}: {
  readonly task: Task;
  readonly sizes: SizeWriter;
  readonly graph: Graph;
  readonly name: string;
  readonly tensor: TensorRef;
}): readonly Edit[] {
  const before: NodeId | undefined = graph.nodes[0]?.id;
  if (before === undefined) {
    return [];
  }
  const edits: Edit[] = [];
  const place = { graph, before, wanted: name };
  const scalar = (value: number) => sizes.constant([value], [], graph, `${name}_${value}`, edits);
  const shape = tensor.dims.map((dim) => (dim === task.opening.size ? -1 : 1));
  const limit = sizes.opened([], edits);
  let made = sizes.node("Range", [scalar(0), limit, scalar(1)], {}, place, edits);
  if (shape.length !== 1) {
    const target = sizes.constant(shape, [shape.length], graph, `${name}_shape`, edits);
    made = sizes.node("Reshape", [made, target], {}, place, edits);
  }
  if (tensor.dtype !== "int64") {
    made = sizes.node(
      "Cast",
      [made],
      { to: { type: "int", value: DTYPE_CODES[tensor.dtype] } },
      place,
      edits,
    );
  }
  for (const { graph: home, node, index } of readsOf(graph, name)) {
    edits.push({ kind: "setInput", graph: home.path, node: node.id, index, value: made });
  }
  return edits;
}
