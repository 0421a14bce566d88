import { rewriteAction } from "./rewrite";

const INT8_ACTIVATIONS = 4;

/** Lets MatMulNBits multiply with int8 activations, as its fast kernels do. */
export const setAccuracyLevel = rewriteAction({
  id: "setAccuracyLevel",
  title: "Let MatMulNBits round activations to int8",
  description:
    "Sets accuracy_level 4: activations become int8 by blocks and the fast integer kernels run, at about 45 dB. " +
    "Without it, weights are made float32 again at every run.",

  look({ graph, node }) {
    if (node.domain !== "com.microsoft" || node.opType !== "MatMulNBits") {
      return undefined;
    }
    const level = node.attributes.get("accuracy_level");
    if (level?.type === "int" && level.value >= INT8_ACTIVATIONS) {
      return undefined;
    }
    return {
      kind: "possible",
      detail:
        "accuracy_level 4: several times faster for a few tokens at a time, with activations rounded to int8",
      edits: () => [
        {
          kind: "setAttribute",
          graph: graph.path,
          node: node.id,
          name: "accuracy_level",
          value: { type: "int", value: INT8_ACTIVATIONS },
        },
      ],
    };
  },
});
