import { ModelError } from "../../errors";
import { normalDomain } from "../../model/readNode";
import type { Graph, Model, ValueInfo } from "../../model/types";
import { indexOf } from "../graphIndex";
import type { Edit } from "../types";
import { inconsistent, refill, refillMap, type Step } from "./step";

type Of<K extends Edit["kind"]> = Extract<Edit, { readonly kind: K }>;

export function setInterface(model: Model, graph: Graph, edit: Of<"setInterface">): Step {
  const inputs = edit.inputs ?? graph.inputs;
  const outputs = edit.outputs ?? graph.outputs;
  if (model.functions.some((definition) => definition.graph === graph)) {
    throw inconsistent(graph, "The inputs and outputs of a function cannot be changed.");
  }
  if (
    graph.parent !== undefined &&
    (inputs.length !== graph.inputs.length || outputs.length !== graph.outputs.length)
  ) {
    throw inconsistent(graph, "The node around this graph gives it a fixed number of inputs and outputs.");
  }
  for (const list of [inputs, outputs]) {
    demandNamesOnce(graph, list);
    for (const info of list) {
      demandWritableType(graph, info);
    }
  }
  const taken = inputs.find(({ name }) => indexOf(graph).makers.get(name).length > 0);
  if (taken !== undefined) {
    throw inconsistent(graph, `The graph input ${taken.name} is also made by a node.`);
  }
  const before = { inputs: [...graph.inputs], outputs: [...graph.outputs] };
  return {
    forward: () => {
      refill(graph.inputs, inputs);
      refill(graph.outputs, outputs);
    },
    backward: () => {
      refill(graph.inputs, before.inputs);
      refill(graph.outputs, before.outputs);
    },
  };
}

export function setValueInfo(graph: Graph, { name, info }: Of<"setValueInfo">): Step {
  if (info === undefined && !graph.valueInfo.has(name)) {
    throw inconsistent(graph, `Nothing is declared of the value ${name}.`);
  }
  if (info !== undefined) {
    if (info.name !== name) {
      throw inconsistent(graph, `What is declared of ${name} names ${info.name}.`);
    }
    demandWritableType(graph, info);
  }
  const order = [...graph.valueInfo];
  return {
    forward: () => {
      if (info === undefined) {
        graph.valueInfo.delete(name);
      } else {
        graph.valueInfo.set(name, info);
      }
    },
    backward: () => refillMap(graph.valueInfo, order),
  };
}

export function setOpset(model: Model, { domain, version }: Of<"setOpset">): Step {
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new ModelError("inconsistent", `${version} is no version of an operator set.`);
  }
  const before = model.opsets;
  const after = new Map(before).set(normalDomain(domain), version);
  return {
    forward: () => {
      model.opsets = after;
    },
    backward: () => {
      model.opsets = before;
    },
  };
}

function demandNamesOnce(graph: Graph, list: readonly ValueInfo[]): void {
  const seen = new Set<string>();
  for (const { name } of list) {
    if (name === "" || seen.has(name)) {
      throw inconsistent(
        graph,
        name === "" ? "A graph input or output needs a name." : `The name ${name} would be there twice.`,
      );
    }
    seen.add(name);
  }
}

/** Types other than dense tensors are only ever copied from the file. */
function demandWritableType(graph: Graph, { name, kind, dtype, span, origin, typeChanged }: ValueInfo): void {
  const isCopied = span !== undefined || (origin !== undefined && typeChanged !== true);
  if (!isCopied && (kind !== "tensor" || dtype === undefined)) {
    throw inconsistent(graph, `The type of ${name} cannot be written.`);
  }
}
