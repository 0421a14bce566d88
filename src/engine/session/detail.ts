import { type Expr, evaluate, format } from "../../core/expr";
import type { Fact } from "../../core/facts/fact";
import { opsetOf } from "../../core/model/opset";
import type { Attribute, Graph, Node } from "../../core/model/types";
import { operator } from "../../core/ops/index";
import { packedBytes } from "../../core/tensor/dtype";
import type {
  Amount,
  AttributeDetail,
  ModuleDetail,
  NodeDetail,
  Trust,
  ValueDetail,
} from "../../protocol/rows";
import type { Links } from "./links";
import { boundDim, boundShape, symbolicShape } from "./shapes";
import { displayName, type ModelState, nodeKey } from "./state";

const PREVIEW_ELEMENTS = 8;
const LINKS_SHOWN = 50;
const TEXT_SHOWN = 200;

/** An amount with its formula and its value at the bindings. */
export function amount(expr: Expr | undefined, trust: Trust, bindings: ReadonlyMap<string, number>): Amount {
  return expr === undefined
    ? { value: null, formula: "unknown", trust: "unknown" }
    : { value: evaluate(expr, bindings) ?? null, formula: format(expr), trust };
}

/** A node with its edges, attributes and cost, for people; offers are added by the session. */
export function nodeDetail(
  state: ModelState,
  links: Links,
  position: number,
): Omit<NodeDetail, "offers" | "refusals"> {
  const node = state.nodes[position]!;
  const graph = state.graphs[position]!;
  const cost = state.inference.cost(node.id);
  const opset = opsetOf(state.model, graph, node.domain);
  const spec = operator(node.domain, node.opType, opset);
  const priced = (expr: Expr | undefined) => amount(expr, cost.trust, state.bindings);
  return {
    revision: state.revision,
    key: nodeKey(node),
    name: displayName(node),
    path: state.paths[position]!,
    op: node.opType,
    domain: node.domain,
    opset,
    doc: node.doc,
    inputs: node.inputs.map((value, index) => ({
      ...valueDetail(state, graph, value, index, roleAt(spec?.inputs, index)),
      links: linksTo([links.maker(graph, value)]),
    })),
    outputs: node.outputs.map((value, index) => ({
      ...valueDetail(state, graph, value, index, roleAt(spec?.outputs, index)),
      links: linksTo(links.readersOf(graph, value)),
    })),
    attributes: [...node.attributes].map(([name, attribute]) => attributeDetail(name, attribute)),
    metadata: [...node.metadata].map(([key, value]) => ({ key, value })),
    cost: {
      macs: priced(cost.macs),
      otherFlops: priced(cost.other),
      flops: priced(cost.flops),
      readBytes: priced(cost.readBytes),
      writeBytes: priced(cost.writeBytes),
      params: cost.params,
      weightBytes: cost.weightBytes,
      rule: cost.rule,
    },
  };
}

/** A module's operators by cost; what lies inside another of its nodes is part of that one's. */
export function moduleDetail(state: ModelState, path: string): Omit<ModuleDetail, "offers"> {
  const ops = new Map<string, { op: string; count: number; flops: number | null }>();
  const outermost = [...state.nesting.outermost(positionsBelow(state, path)).values()];
  for (const position of outermost.flat()) {
    const { opType } = state.nodes[position]!;
    const entry = ops.get(opType) ?? { op: opType, count: 0, flops: null };
    const flops = state.columns.flops[position]!;
    entry.count++;
    entry.flops = Number.isNaN(flops) ? entry.flops : (entry.flops ?? 0) + flops;
    ops.set(opType, entry);
  }
  return {
    revision: state.revision,
    key: `m${path}`,
    path,
    ops: [...ops.values()].sort((a, b) => (b.flops ?? -1) - (a.flops ?? -1)),
  };
}

/** Positions of the nodes of a module and of its submodules. */
export function positionsBelow(state: ModelState, path: string): number[] {
  const positions: number[] = [];
  state.paths.forEach((own, position) => {
    if (path === "" || own === path || own.startsWith(`${path}.`)) {
      positions.push(position);
    }
  });
  return positions;
}

function roleAt(formal: readonly string[] | undefined, index: number): string {
  return formal?.[Math.min(index, formal.length - 1)] ?? "";
}

function linksTo(nodes: readonly (Node | undefined)[]): ValueDetail["links"] {
  return nodes
    .filter((node) => node !== undefined)
    .slice(0, LINKS_SHOWN)
    .map((node) => ({ key: nodeKey(node), label: `${displayName(node)} (${node.opType})` }));
}

function valueDetail(
  state: ModelState,
  graph: Graph,
  name: string,
  index: number,
  role: string,
): Omit<ValueDetail, "links"> {
  if (name === "") {
    return { index, role, name, kind: "missing", dtype: "", shape: "", boundShape: "", bytes: null };
  }
  const fact = state.inference.fact(graph, name);
  const preview = fact.small === undefined ? undefined : previewOf(fact.small);
  return {
    index,
    role,
    name,
    kind: kindOf(graph, name, fact),
    dtype: fact.dtype ?? "?",
    shape: symbolicShape(fact),
    boundShape: boundShape(fact, state.bindings),
    bytes: boundBytes(fact, state.bindings),
    ...(preview === undefined ? {} : { preview }),
  };
}

function kindOf(graph: Graph, name: string, fact: Fact): ValueDetail["kind"] {
  for (let at: Graph | undefined = graph; at !== undefined; at = at.parent) {
    if (at.initializers.has(name)) {
      return "initializer";
    }
    if (at.inputs.some((input) => input.name === name)) {
      return "graph input";
    }
  }
  return fact.small?.every((element) => typeof element === "number") ? "constant" : "activation";
}

function boundBytes(fact: Fact, bindings: ReadonlyMap<string, number>): number | null {
  if (fact.dtype === undefined || fact.shape === undefined) {
    return null;
  }
  let elements = 1;
  for (const dim of fact.shape) {
    const size = boundDim(dim, bindings);
    if (size === undefined) {
      return null;
    }
    elements *= size;
  }
  return packedBytes(fact.dtype, elements);
}

function previewOf(elements: readonly (Expr | undefined)[]): string {
  const shown = elements
    .slice(0, PREVIEW_ELEMENTS)
    .map((element) => (element === undefined ? "?" : format(element)));
  return `[${shown.join(", ")}${elements.length > PREVIEW_ELEMENTS ? ", …" : ""}]`;
}

function attributeDetail(name: string, attribute: Attribute): AttributeDetail {
  return { name, type: attribute.type, value: shortened(attributeText(attribute)), implied: false };
}

function attributeText(attribute: Attribute): string {
  switch (attribute.type) {
    case "float":
    case "int":
      return String(attribute.value);
    case "string":
      return JSON.stringify(attribute.value);
    case "floats":
    case "ints":
      return `[${attribute.value.join(", ")}]`;
    case "strings":
      return `[${attribute.value.map((text) => JSON.stringify(text)).join(", ")}]`;
    case "tensor":
      return `${attribute.value.dtype}[${attribute.value.dims.join(",")}]`;
    case "tensors":
      return `${attribute.value.length} tensors`;
    case "graph":
      return `graph ${attribute.value.name} with ${attribute.value.nodes.length} nodes`;
    case "graphs":
      return `${attribute.value.length} graphs`;
    case "other":
      return attribute.refAttrName === undefined ? "…" : `@${attribute.refAttrName}`;
  }
}

function shortened(text: string): string {
  return text.length <= TEXT_SHOWN ? text : `${text.slice(0, TEXT_SHOWN)}…`;
}
