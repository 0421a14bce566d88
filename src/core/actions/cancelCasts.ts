import type { Node } from "../model/types";
import { type DType, dtypeFromCode } from "../tensor/dtype";
import { nameOf } from "./naming";
import { bypass, isStandard, makerOf, removeIfOnlyReadBy } from "./rewire";
import { type Rewrite, rewriteAction } from "./rewrite";
import type { ActionContext } from "./types";

/** What each type holds exactly, beside itself. */
const HOLDS: { readonly [dtype in DType]?: readonly DType[] } = {
  float64: ["float32", "float16", "bfloat16", "int32", "uint32", "int16", "uint16", "int8", "uint8", "bool"],
  float32: ["float16", "bfloat16", "int16", "uint16", "int8", "uint8", "bool"],
  float16: ["int8", "uint8", "bool"],
  bfloat16: ["int8", "uint8", "bool"],
  int64: ["int32", "uint32", "int16", "uint16", "int8", "uint8", "bool"],
  int32: ["int16", "uint16", "int8", "uint8", "bool"],
  int16: ["int8", "uint8", "bool"],
  int8: ["bool"],
  uint64: ["uint32", "uint16", "uint8", "bool"],
  uint32: ["uint16", "uint8", "bool"],
  uint16: ["uint8", "bool"],
  uint8: ["bool"],
};

/** Two Casts in a row become one, or none, where the type in between holds all that the first one has. */
export const cancelCasts = rewriteAction({
  id: "cancelCasts",
  title: "Merge with the Cast before it",
  description:
    "Two Casts in a row become one, or none where the second takes back the first. Only where the type in between " +
    "loses nothing, so that outputs stay exactly the same.",

  look(context): Rewrite | undefined {
    const { graph, node, inference } = context;
    const first = isStandard(node, "Cast") ? makerOf(graph, node.inputs[0] ?? "") : undefined;
    if (first === undefined || !isStandard(first, "Cast")) {
      return undefined;
    }
    const from = inference.fact(graph, first.inputs[0] ?? "").dtype;
    const between = targetType(first);
    const to = targetType(node);
    if (from === undefined || between === undefined || to === undefined) {
      return { kind: "refused", reason: "the types are not known." };
    }
    if (from !== between && HOLDS[between]?.includes(from) !== true) {
      return {
        kind: "refused",
        reason: `${between} does not hold every ${from}, so that the first Cast rounds or cuts.`,
      };
    }
    return from === to ? cancelled(context, first) : merged(context, first, { from, to });
  },
});

function cancelled({ graph, node }: ActionContext, first: Node): Rewrite {
  const bypassed = bypass(graph, node, first.inputs[0]!);
  if (bypassed === undefined) {
    return {
      kind: "refused",
      reason: "the result is an output of the graph and equals an input or another output.",
    };
  }
  return {
    kind: "possible",
    detail: `It takes back what ${nameOf(first)} does, so neither is needed`,
    edits: () => [...bypassed, ...removeIfOnlyReadBy(graph, first, node)],
  };
}

function merged(
  { graph, node }: ActionContext,
  first: Node,
  { from, to }: { readonly from: DType; readonly to: DType },
): Rewrite {
  return {
    kind: "possible",
    detail: `One Cast from ${from} to ${to} in place of two`,
    edits: () => [
      { kind: "setInput", graph: graph.path, node: node.id, index: 0, value: first.inputs[0]! },
      ...removeIfOnlyReadBy(graph, first, node),
    ],
  };
}

function targetType(cast: Node): DType | undefined {
  const to = cast.attributes.get("to");
  return to?.type === "int" ? dtypeFromCode(to.value) : undefined;
}
