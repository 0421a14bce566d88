import type { Graph, Node } from "../model/types";
import type { FindingContext, NodeFindingRule } from "./types";

/** Index of the zero point, or the activation itself, whose type tells that of the activations; then that of the weights. */
const TYPED_BY: { readonly [op: string]: readonly [number, number] } = {
  QLinearMatMul: [0, 3],
  QLinearConv: [0, 3],
  MatMulInteger: [0, 1],
  ConvInteger: [0, 1],
};

/** Products of signed activations and signed weights, for which x64 processors have no fast instruction. */
export const signedActivations: NodeFindingRule = {
  scope: "node",
  code: "signed-activations",
  severity: "warning",
  look(context) {
    const { node } = context;
    const indices = Object.hasOwn(TYPED_BY, node.opType) ? TYPED_BY[node.opType] : undefined;
    if (node.domain !== "" || indices === undefined) {
      return undefined;
    }
    return indices.every((index) => isSigned(context, node, index))
      ? {
          message:
            "Activations and weights are both int8. On x64 processors this runs several times slower than float32: quantise activations to uint8.",
          fixes: [],
        }
      : undefined;
  },
};

function isSigned(
  { graph, inference }: { readonly graph: Graph } & Pick<FindingContext, "inference">,
  node: Node,
  index: number,
): boolean {
  return inference.fact(graph, node.inputs[index] ?? "").dtype === "int8";
}
