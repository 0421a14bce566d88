import type { Dim, Fact } from "../facts/fact";
import { dtypeFromCode } from "../tensor/dtype";
import { bypass } from "./rewire";
import { type Rewrite, rewriteAction } from "./rewrite";
import type { ActionContext } from "./types";

/** Nodes whose output holds exactly what their first input does. */
export const removeNoOp = rewriteAction({
  id: "removeNoOp",
  title: "Remove this node, which changes nothing",
  description:
    "Identity, Dropout outside of training, a Cast to the type that is there already, a Reshape, Expand or Slice that " +
    "keeps the shape, a Transpose that keeps the order. Outputs stay exactly the same.",

  look(context): Rewrite | undefined {
    const { graph, node } = context;
    const why = noOpReason(context);
    if (why === undefined) {
      return undefined;
    }
    const edits = bypass(graph, node, node.inputs[0]!);
    return edits === undefined
      ? {
          kind: "refused",
          reason: "its result is an output of the graph and equals an input, a weight or another output.",
        }
      : { kind: "possible", detail: why, edits: () => edits };
  },
});

type Reason = (context: ActionContext, input: Fact, output: Fact) => string | undefined;

const sameShape =
  (what: string): Reason =>
  (_context, input, output) =>
    isSameShape(input, output) ? `${what} keeps the shape as it is` : undefined;

const alone =
  (what: string): Reason =>
  ({ node }) =>
    node.inputs.length === 1 ? `${what} of one tensor is that tensor` : undefined;

const REASONS: { readonly [op: string]: Reason } = {
  Identity: () => "Identity only gives its input another name",
  Dropout: dropout,
  Cast: ({ node }, { dtype }) => {
    const to = node.attributes.get("to");
    return dtype !== undefined && to?.type === "int" && dtypeFromCode(to.value) === dtype
      ? `The values are ${dtype} already`
      : undefined;
  },
  Transpose: ({ node }) => {
    const perm = node.attributes.get("perm");
    return perm?.type === "ints" && perm.value.every((axis, position) => axis === position)
      ? "The axes keep their order"
      : undefined;
  },
  Reshape: sameShape("Reshape"),
  Expand: sameShape("Expand"),
  Flatten: sameShape("Flatten"),
  Slice: slice,
  Concat: alone("Concat"),
  Sum: alone("The sum"),
  Max: alone("The maximum"),
  Min: alone("The minimum"),
  Mean: alone("The mean"),
};

/** Why a node's output holds just what its first input does; undefined where it does not. */
export function noOpReason(context: ActionContext): string | undefined {
  const { graph, node, inference } = context;
  if (node.domain !== "") {
    return undefined;
  }
  const [input, output] = [node.inputs[0] ?? "", node.outputs[0] ?? ""];
  const look = Object.hasOwn(REASONS, node.opType) ? REASONS[node.opType] : undefined;
  return input === "" || output === ""
    ? undefined
    : look?.(context, inference.fact(graph, input), inference.fact(graph, output));
}

function dropout({ model, graph, node, inference }: ActionContext): string | undefined {
  const why = "Dropout passes everything on when the model is not trained";
  if (node.outputs.slice(1).some((mask) => mask !== "") || (model.opsets.get("") ?? 1) < 7) {
    return undefined;
  }
  const training = node.inputs[2] ?? "";
  return training === "" || inference.fact(graph, training).small?.[0] === 0 ? why : undefined;
}

/** Of equal shape and with steps of one, it can only be the whole. */
function slice({ graph, node, inference }: ActionContext, input: Fact, output: Fact): string | undefined {
  const steps = node.inputs[4] ?? "";
  const areOnes = steps === "" || inference.fact(graph, steps).small?.every((step) => step === 1) === true;
  return areOnes && isSameShape(input, output) ? "The slice is the whole tensor" : undefined;
}

function isSameShape({ shape: before }: Fact, { shape: after }: Fact): boolean {
  return (
    before !== undefined &&
    before.length === after?.length &&
    before.every((dim: Dim, axis) => dim !== undefined && dim === after[axis])
  );
}
