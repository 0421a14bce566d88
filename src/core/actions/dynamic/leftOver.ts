import { allGraphs } from "../../edit/graphs";
import type { Edit } from "../../edit/types";
import type { Model } from "../../model/types";
import { isStandard, remove } from "../rewire";

/** Names that nodes read or graphs give out, wherever. */
export function namesInUse(model: Model): ReadonlySet<string> {
  const names = new Set<string>();
  for (const graph of allGraphs(model)) {
    for (const name of [
      ...graph.nodes.flatMap(({ inputs }) => inputs),
      ...graph.outputs.map(({ name }) => name),
    ]) {
      names.add(name);
    }
  }
  return names;
}

/** Takes constants out that were in use and are no longer. */
export function withoutLeftOver(model: Model, before: ReadonlySet<string>): readonly Edit[] {
  const now = namesInUse(model);
  const isLeft = (name: string) => before.has(name) && !now.has(name);
  return [...allGraphs(model)].flatMap((graph): readonly Edit[] => [
    ...graph.nodes
      .filter((node) => isStandard(node, "Constant") && node.outputs.every(isLeft))
      .flatMap((node) => remove(graph, node)),
    ...[...graph.initializers.keys()]
      .filter((name) => isLeft(name) && !graph.inputs.some((input) => input.name === name))
      .map((name): Edit => ({ kind: "dropTensor", graph: graph.path, name })),
  ]);
}
