import type { Graph, Node } from "../../model/types";
import type { OpSpec } from "../../ops/spec";
import type { Use, Uses } from "./uses";

/** What quantised weights need beside them, by the names that operators give their inputs. */
const COMPANION = /scales?(?=_|$|[A-Z])|zero_points?|g_idx/i;
const INTEGER_PRODUCTS: ReadonlySet<string> = new Set(["MatMulInteger", "ConvInteger"]);

export function formalName(spec: OpSpec | undefined, index: number): string {
  const formals = spec?.inputs ?? [];
  return formals[index] ?? "";
}

/**
 * Inputs with the scales and zero points of the weight at another one: `b_scale` is that of `B`, `fc1_scales` that of
 * `fc1_experts_weights`, and plain `scales` are those of the weight that the operator unpacks.
 */
export function companionInputs(spec: OpSpec | undefined, weight: number, isUnpacked: boolean): number[] {
  const formal = formalName(spec, weight).toLowerCase();
  if (formal === "" || formal.endsWith("bias") || COMPANION.test(formal)) {
    return [];
  }
  return (spec?.inputs ?? []).flatMap((name, index) => {
    if (!COMPANION.test(name)) {
      return [];
    }
    const stem = name
      .replace(COMPANION, "")
      .replace(/^_+|_+$/g, "")
      .toLowerCase();
    const isOf = stem === "" ? isUnpacked : formal === stem || formal.startsWith(`${stem}_`);
    return isOf ? [index] : [];
  });
}

/**
 * Dynamic quantisation scales after the product: MatMulInteger → Cast → Mul by (scale of the input · scale of the
 * weight). The value that holds the weight's scale; undefined when the graph looks otherwise.
 */
export function scaleBehindProduct(
  uses: Uses,
  { graph, node, index }: Use,
): { readonly graph: Graph; readonly value: string } | undefined {
  if (!INTEGER_PRODUCTS.has(node.opType) || index !== 1) {
    return undefined;
  }
  const product = node.outputs[0] ?? "";
  for (const use of uses.final(graph, product)) {
    if (use.node.opType !== "Mul") {
      continue;
    }
    const factor = use.node.inputs[1 - use.index] ?? "";
    const maker = uses.maker(use.graph, factor);
    if (maker === undefined) {
      return { graph: use.graph, value: factor };
    }
    const stored = maker.node.opType === "Mul" ? storedFactor(uses, maker) : undefined;
    if (stored !== undefined) {
      return { graph: maker.graph, value: stored };
    }
  }
  return undefined;
}

function storedFactor(
  uses: Uses,
  { graph, node }: { readonly graph: Graph; readonly node: Node },
): string | undefined {
  return node.inputs.find((input) => {
    const maker = uses.maker(graph, input)?.node;
    return input !== "" && (maker === undefined || maker.opType === "Constant");
  });
}
