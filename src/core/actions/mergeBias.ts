import { freshName, isGivenOut, readsOf } from "../edit/graphs";
import type { Edit } from "../edit/types";
import type { Attribute, Node, TensorRef } from "../model/types";
import { nameOf } from "./naming";
import { initializer } from "./opContext";
import { isStandard, remove } from "./rewire";
import { type Rewrite, rewriteAction } from "./rewrite";
import type { ActionContext } from "./types";

const GEMM_TYPES: readonly string[] = ["float32", "float64", "float16", "bfloat16"];

/** MatMul of matrices and the Add of a bias behind it become one Gemm. */
export const mergeBias = rewriteAction({
  id: "mergeBias",
  title: "Merge MatMul and Add into Gemm",
  description:
    "A MatMul of two matrices and the Add of its bias become one Gemm, which adds while it multiplies. The numbers " +
    "stay the same but for the last bits.",

  look(context): Rewrite | undefined {
    const { graph, node, inference, model } = context;
    const add = isStandard(node, "MatMul") ? addOfBias(context) : undefined;
    if (add === undefined) {
      return undefined;
    }
    const [a, b] = node.inputs.map((input) => inference.fact(graph, input));
    if (a?.shape === undefined || b?.shape === undefined || a.dtype === undefined) {
      return { kind: "refused", reason: "the shapes are not known." };
    }
    if (a.shape.length !== 2 || b.shape.length !== 2) {
      return {
        kind: "refused",
        reason: `Gemm takes matrices, and this multiplies tensors of rank ${a.shape.length} and ${b.shape.length}.`,
      };
    }
    const opset = model.opsets.get("") ?? 1;
    const isTypeFine = GEMM_TYPES.includes(a.dtype) && (a.dtype !== "bfloat16" || opset >= 13);
    if (!isTypeFine || opset < 7) {
      return { kind: "refused", reason: `Gemm of opset ${opset} does not take ${a.dtype} with a bias.` };
    }
    const columns = b.shape[1];
    if (!isPerColumn(add.bias, columns)) {
      return { kind: "refused", reason: "what is added is no single row with one number for each column." };
    }
    return {
      kind: "possible",
      detail: `One Gemm in place of ${nameOf(node)} and ${nameOf(add.node)}`,
      edits: () => gemm(context, add),
    };
  },
});

interface BiasAdd {
  readonly node: Node;
  readonly bias: TensorRef;
}

function addOfBias({ graph, node }: ActionContext): BiasAdd | undefined {
  const product = node.outputs[0] ?? "";
  const [read, ...others] = readsOf(graph, product);
  if (read === undefined || others.length > 0 || read.graph !== graph || isGivenOut(graph, product)) {
    return undefined;
  }
  const bias = initializer(graph, read.node.inputs[1 - read.index] ?? "");
  return isStandard(read.node, "Add") && bias !== undefined ? { node: read.node, bias } : undefined;
}

function isPerColumn({ dims, sparse }: TensorRef, columns: unknown): boolean {
  const rows = dims.slice(0, -1);
  return (
    sparse === undefined && dims.length <= 2 && rows.every((dim) => dim === 1) && dims.at(-1) === columns
  );
}

function gemm({ model, graph, node }: ActionContext, { node: add, bias }: BiasAdd): readonly Edit[] {
  return [
    ...remove(graph, add),
    ...remove(graph, node),
    {
      kind: "addNode",
      graph: graph.path,
      // Behind the Add, whose inputs all come before it.
      before: graph.nodes[graph.nodes.indexOf(add) + 1]?.id,
      node: {
        name: freshName(model, `${nameOf(node)}_Gemm`),
        domain: "",
        opType: "Gemm",
        inputs: [...node.inputs, bias.name],
        outputs: [add.outputs[0]!],
        attributes: new Map<string, Attribute>(),
        metadata: node.metadata,
      },
    },
  ];
}
