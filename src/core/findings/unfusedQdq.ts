import { indexOf } from "../edit/graphIndex";
import { isGivenOut } from "../edit/graphs";
import type { Graph, Node } from "../model/types";
import type { NodeFindingRule } from "./types";

/** Operators that onnxruntime's CPU provider runs on integers only when their result is quantised as well. */
const NEED_OUTPUT = [
  "Conv",
  "Add",
  "Mul",
  "AveragePool",
  "GlobalAveragePool",
  "Sigmoid",
  "LeakyRelu",
  "Softmax",
  "Concat",
];

/** A quantised operator whose result is not quantised: it runs on floats, with its operands dequantised every time. */
export const unfusedQdq: NodeFindingRule = {
  scope: "node",
  code: "unfused-qdq",
  severity: "warning",
  look({ graph, node }) {
    if (node.domain !== "" || !NEED_OUTPUT.includes(node.opType)) {
      return undefined;
    }
    const data = node.opType === "Conv" ? node.inputs.slice(0, 1) : node.inputs;
    const areDequantized = data.length > 0 && data.every((input) => isActivationOf(graph, input));
    const output = node.outputs[0] ?? "";
    const readers = indexOf(graph).readers.get(output);
    const isQuantized = readers.length > 0 && readers.every((reader) => reader.opType === "QuantizeLinear");
    if (!areDequantized || (isQuantized && !isGivenOut(graph, output))) {
      return undefined;
    }
    const reader = readers.find(({ opType }) => opType !== "QuantizeLinear");
    const by =
      reader === undefined
        ? "it is an output of the graph"
        : `${reader.name || reader.opType} reads it as floats`;
    return {
      message: `The operands of this ${node.opType} are quantised and its result is not (${by}): it is not fused, and dequantises at every run.`,
      fixes: [],
    };
  },
};

/** Made by DequantizeLinear from something that is computed; a dequantised weight alone is another form. */
function isActivationOf(graph: Graph, value: string): boolean {
  const [dequantize] = indexOf(graph).makers.get(value);
  if (dequantize?.opType !== "DequantizeLinear") {
    return false;
  }
  const source = dequantize.inputs[0] ?? "";
  const [quantize]: readonly (Node | undefined)[] = indexOf(graph).makers.get(source);
  return quantize?.opType === "QuantizeLinear" || graph.inputs.some(({ name }) => name === source);
}
