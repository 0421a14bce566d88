import { allGraphs } from "../../edit/graphs";
import type { Edit } from "../../edit/types";
import type { Graph, Node } from "../../model/types";
import type { ModelContext } from "../types";
import { Draft, Names } from "./draft";
import { ruleFor } from "./rules/index";
import { VERSIONS, type Version } from "./versions";

/** Operators of onnxruntime's own that it keeps in ai.onnx, the same for every version. */
const OF_RUNTIME: readonly string[] = ["SimplifiedLayerNormalization"];
/** Attributes that say nothing about the result. */
const IGNORED = ["consumed_inputs"];

export interface OpsetChange {
  readonly edits: readonly Edit[];
  /** Why nodes cannot be of the version, by operator. */
  readonly reasons: ReadonlyMap<string, string>;
}

/** What becomes of the nodes of ai.onnx when the model imports another version. */
export function changeOf(context: ModelContext, from: number, to: number): OpsetChange {
  const names = new Names(context.model);
  const edits: Edit[] = [];
  const reasons = new Map<string, string>();
  for (const graph of allGraphs(context.model)) {
    graph.nodes.forEach((node, position) => {
      const isOther = node.domain !== "" || OF_RUNTIME.includes(node.opType);
      const versions = isOther ? [] : VERSIONS[node.opType];
      const reason = isOther
        ? undefined
        : versions === undefined
          ? "it is not known"
          : to > from
            ? raised({ context, graph, node, from, to, names, next: graph.nodes[position + 1], edits })
            : lowered(context, graph, node, versions, from, to);
      if (reason !== undefined && !reasons.has(node.opType)) {
        reasons.set(node.opType, reason);
      }
    });
  }
  return { edits, reasons };
}

function raised({
  context,
  graph,
  node,
  from,
  to,
  names,
  next,
  edits,
}: {
  readonly context: ModelContext;
  readonly graph: Graph;
  readonly node: Node;
  readonly from: number;
  readonly to: number;
  readonly names: Names;
  readonly next: Node | undefined;
  readonly edits: Edit[];
}): string | undefined {
  const draft = new Draft(graph, node, context.inference, names);
  for (let version = from + 1; version <= to; version++) {
    const change = VERSIONS[draft.opType]?.find(({ since }) => since === version);
    const reason = change && raisedTo(draft, change);
    if (reason !== undefined) {
      return reason;
    }
  }
  edits.push(...draft.edits(next?.id));
  return undefined;
}

function raisedTo(draft: Draft, { since, gone = [], changed }: Version): string | undefined {
  const rule = ruleFor(draft.opType, since);
  const reason = rule?.raise(draft);
  if (reason !== undefined) {
    return `from ${since} on, ${reason}`;
  }
  const lost = rule === undefined ? gone.filter((name) => draft.attributes.has(name)) : [];
  for (const name of lost.filter((one) => IGNORED.includes(one))) {
    draft.attributes.delete(name);
  }
  const [attribute] = lost.filter((one) => !IGNORED.includes(one));
  if (attribute !== undefined) {
    return `from ${since} on, attribute ${attribute} is gone`;
  }
  return rule === undefined && changed !== undefined ? `from ${since} on, ${changed}` : undefined;
}

/** Only where the version between changed nothing that the node uses. */
function lowered(
  { inference }: ModelContext,
  graph: Graph,
  node: Node,
  versions: readonly Version[],
  from: number,
  to: number,
): string | undefined {
  if (!versions.some(({ since }) => since <= to)) {
    return "it came later";
  }
  const dtypes = [...node.inputs, ...node.outputs]
    .filter((name) => name !== "")
    .map((name) => inference.fact(graph, name).dtype);
  for (const { since, added = [], gone = [], inputs, types, changed } of versions) {
    if (since <= to || since > from) {
      continue;
    }
    const used = added.find((name) => node.attributes.has(name));
    if (ruleFor(node.opType, since) !== undefined || changed !== undefined || gone.length > 0) {
      return `it means something else from ${since} on`;
    }
    if (used !== undefined || (inputs !== undefined && node.inputs.length >= inputs)) {
      return `it has ${used ?? "inputs"} that came with ${since}`;
    }
    if (types !== undefined && dtypes.some((dtype) => dtype === undefined || types.includes(dtype))) {
      return `a type that it has came with ${since}`;
    }
  }
  return undefined;
}
