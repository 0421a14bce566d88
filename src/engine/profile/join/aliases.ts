import type { Graph, Node } from "../../../core/model/types";
import type { OriginalGraph } from "./original";

const CAST_PREFIX = "InsertedPrecisionFreeCast_";
const LAYOUT_SUFFIX = "_nchwc";

/** Operators that onnxruntime puts in to bring a value into another form, layout or memory. */
const MOVERS: ReadonlySet<string> = new Set([
  "Cast",
  "Identity",
  "MemcpyFromHost",
  "MemcpyToHost",
  "ReorderInput",
  "ReorderOutput",
  "Reshape",
  "Squeeze",
  "Transpose",
  "Unsqueeze",
]);

export function isMover({ opType }: Node): boolean {
  return MOVERS.has(opType);
}

/**
 * Which value of the original graph each value of the graph that ran stands for, perhaps in another type, layout or
 * memory: most keep their names, some have names that onnxruntime derives, the rest follow from what moves them.
 * Values that only exist inside fused kernels have none.
 *
 * @param same the original node that a node surely is, by name and operator
 */
export function aliasesOf(
  original: OriginalGraph,
  ran: Graph,
  same: (node: Node) => Node | undefined,
): ReadonlyMap<string, string> {
  const aliases = new Map<string, string>();
  const readers = new Map<string, number>();
  const note = (value: string) => {
    if (original.has(value)) {
      aliases.set(value, value);
    }
  };
  for (const { name } of ran.inputs) {
    note(name);
  }
  for (const name of ran.initializers.keys()) {
    note(name);
  }
  for (const node of ran.nodes) {
    for (const input of node.inputs) {
      note(input);
      readers.set(input, (readers.get(input) ?? 0) + 1);
    }
    node.outputs.forEach((output, index) => {
      const alias = original.has(output) ? output : derived(original, node, output, index, same);
      if (output !== "" && alias !== undefined) {
        aliases.set(output, alias);
      }
    });
  }
  for (const node of ran.nodes.toReversed()) {
    const [input = ""] = node.inputs;
    const alias = aliases.get(node.outputs[0] ?? "");
    if (isMover(node) && alias !== undefined && !aliases.has(input) && readers.get(input) === 1) {
      const isMade = !ran.initializers.has(input);
      if (isMade && input !== "") {
        aliases.set(input, alias);
      }
    }
  }
  for (const node of ran.nodes) {
    const [output = ""] = node.outputs;
    const alias = aliases.get(node.inputs[0] ?? "");
    if (isMover(node) && alias !== undefined && output !== "" && !aliases.has(output)) {
      aliases.set(output, alias);
    }
  }
  return aliases;
}

function derived(
  original: OriginalGraph,
  node: Node,
  output: string,
  index: number,
  same: (node: Node) => Node | undefined,
): string | undefined {
  if (output.startsWith(CAST_PREFIX)) {
    const value = output.slice(CAST_PREFIX.length);
    return original.has(value) ? value : undefined;
  }
  if (index === 0 && node.name.endsWith(LAYOUT_SUFFIX)) {
    const value = node.name.slice(0, -LAYOUT_SUFFIX.length);
    return original.has(value) ? value : undefined;
  }
  return same(node)?.outputs[index] || undefined;
}
