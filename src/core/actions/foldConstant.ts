import { indexOf } from "../edit/graphIndex";
import { freshName, isGivenOut, readsOf } from "../edit/graphs";
import type { Edit } from "../edit/types";
import type { Graph, Node } from "../model/types";
import { byteLength } from "../tensor/size";
import { constantResult } from "./constantResult";
import { counted } from "./naming";
import { noOpReason } from "./removeNoOp";
import { readInstead, remove } from "./rewire";
import { type Rewrite, rewriteAction } from "./rewrite";
import type { ActionContext } from "./types";

/**
 * A node whose result is the same in every run becomes an initializer; what only it needed goes with it. Of a row of
 * such nodes, the last one is offered.
 */
export const foldConstant = rewriteAction({
  id: "foldConstant",
  title: "Replace by its constant result",
  description:
    "The result of this node is the same in every run: it is stored as an initializer, and nodes that only it needed " +
    "go. Outputs stay exactly the same. Weights that are reshaped, transposed or converted are folded while the model is saved.",

  look(context): Rewrite | undefined {
    const { graph, node, model } = context;
    const output = node.outputs[0] ?? "";
    const result = model.functions.some((one) => one.graph === graph) ? undefined : constantResult(context);
    // A node without effect on a weight is taken out by itself.
    if (result === undefined || noOpReason(context) !== undefined || !isReadElsewhere(context, output)) {
      return undefined;
    }
    const gone = neededOnlyBy(graph, node);
    const what = result.data.kind === "memory" ? `${byteLength({ ...result, name: "" })} bytes` : "a weight";
    return {
      kind: "possible",
      detail: `Always the same ${result.dtype}[${result.dims.join(", ")}]: ${gone.length === 0 ? "the node becomes" : `${counted(1 + gone.length, "node")} become`} ${what}`,
      edits: () => {
        const name = isGivenOut(graph, output) ? output : freshName(model, `${output}_folded`);
        const put: Edit = { kind: "putTensor", graph: graph.path, tensor: { ...result, name } };
        return [
          ...(name === output ? [] : [put, ...readInstead(graph, output, name)]),
          ...remove(graph, node),
          ...gone.flatMap((one) => remove(graph, one)),
          ...(name === output ? [put] : []),
          ...weightsNeededOnlyBy(graph, [node, ...gone]).map(
            (weight): Edit => ({ kind: "dropTensor", graph: graph.path, name: weight }),
          ),
        ];
      },
    };
  },
});

/** False where all readers can be folded themselves: then the last of the row is where it is offered. */
function isReadElsewhere(context: ActionContext, output: string): boolean {
  const { graph } = context;
  const reads = readsOf(graph, output);
  return (
    (isGivenOut(graph, output) || reads.length > 0) &&
    (isGivenOut(graph, output) ||
      reads.some(
        (read) =>
          read.graph !== graph ||
          constantResult({ ...context, graph: read.graph, node: read.node }) === undefined,
      ))
  );
}

/** Nodes before this one that nobody else reads, the nearest first. */
function neededOnlyBy(graph: Graph, node: Node): readonly Node[] {
  const gone = new Set<Node>([node]);
  const queue = [node];
  for (let one = queue.pop(); one !== undefined; one = queue.pop()) {
    for (const input of one.inputs) {
      const [maker] = indexOf(graph).makers.get(input);
      if (maker === undefined || gone.has(maker)) {
        continue;
      }
      const isNeeded = maker.outputs.some(
        (output) =>
          output !== "" &&
          (isGivenOut(graph, output) || readsOf(graph, output).some((read) => !gone.has(read.node))),
      );
      if (!isNeeded) {
        gone.add(maker);
        queue.push(maker);
      }
    }
  }
  gone.delete(node);
  return [...gone];
}

function weightsNeededOnlyBy(graph: Graph, nodes: readonly Node[]): readonly string[] {
  const gone = new Set(nodes);
  const names = new Set(nodes.flatMap(({ inputs }) => inputs));
  return [...names].filter(
    (name) =>
      graph.initializers.has(name) &&
      !isGivenOut(graph, name) &&
      !graph.inputs.some((input) => input.name === name) &&
      readsOf(graph, name).every((read) => gone.has(read.node)),
  );
}
