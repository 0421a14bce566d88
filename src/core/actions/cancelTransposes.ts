import type { Edit } from "../edit/types";
import type { Node } from "../model/types";
import { nameOf } from "./naming";
import { bypass, isStandard, makerOf, removeIfOnlyReadBy } from "./rewire";
import { type Rewrite, rewriteAction } from "./rewrite";
import type { ActionContext } from "./types";

/** Two Transposes in a row become one, or none where the second takes back what the first did. */
export const cancelTransposes = rewriteAction({
  id: "cancelTransposes",
  title: "Merge with the Transpose before it",
  description:
    "Two Transposes in a row become one, or none where they cancel. Outputs stay exactly the same, and a copy of the tensor is saved.",

  look(context): Rewrite | undefined {
    const { graph, node } = context;
    if (!isStandard(node, "Transpose")) {
      return undefined;
    }
    const first = makerOf(graph, node.inputs[0] ?? "");
    if (first === undefined || !isStandard(first, "Transpose")) {
      return undefined;
    }
    const both = joined(context, first);
    if (both === undefined) {
      return { kind: "refused", reason: "the order of the axes is not known." };
    }
    return both.every((axis, position) => axis === position)
      ? cancelled(context, first)
      : merged(context, first, both);
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

function merged({ graph, node }: ActionContext, first: Node, both: readonly number[]): Rewrite {
  const at = { graph: graph.path, node: node.id };
  return {
    kind: "possible",
    detail: `One Transpose to the order [${both.join(", ")}] in place of two`,
    edits: (): Edit[] => [
      { kind: "setInput", ...at, index: 0, value: first.inputs[0]! },
      { kind: "setAttribute", ...at, name: "perm", value: { type: "ints", value: both } },
      ...removeIfOnlyReadBy(graph, first, node),
    ],
  };
}

/** Axis i of the result of both is axis `joined[i]` of what the first one is given. */
function joined({ graph, node, inference }: ActionContext, first: Node): readonly number[] | undefined {
  const rank = inference.fact(graph, first.inputs[0] ?? "").shape?.length;
  const inner = order(first, rank);
  const outer = order(node, rank);
  const both = outer?.map((axis) => inner?.[axis] ?? -1);
  const isOrder = both?.every((axis, position) => axis >= 0 && both.indexOf(axis) === position) ?? false;
  return isOrder && both?.length === inner?.length ? both : undefined;
}

/** Without the attribute, the axes are reversed. */
function order(node: Node, rank: number | undefined): readonly number[] | undefined {
  const perm = node.attributes.get("perm");
  if (perm?.type === "ints") {
    return perm.value;
  }
  return rank === undefined ? undefined : Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
}
