import { opContext } from "../../core/actions/opContext";
import {
  type Parameter,
  type ParameterOptions,
  parametersIn,
} from "../../core/analysis/parameters/parameters";
import type { Inference } from "../../core/infer/types";
import type { TensorRow } from "../../protocol/parameters";
import { type ModelState, nodeKey } from "./state";

/** Stands in place of an operator where no node reads the tensor. */
export const UNUSED = "unused";
/** Readers that a row names. */
const NAMED_READERS = 8;

/** A stored tensor as the table knows it. */
export interface TensorRecord {
  readonly parameter: Parameter;
  readonly usedBy: TensorRow["usedBy"];
  /** Nodes that read it. */
  readonly uses: number;
  /** Module and operator of the first node that reads it. */
  readonly path: string;
  readonly op: string;
}

export function contextIn(inference: Inference): ParameterOptions["contextOf"] {
  return (graph, node, opset) => opContext(graph, node, inference, opset);
}

export function tensorRecords(state: ModelState): TensorRecord[] {
  const { model, inference } = state;
  return parametersIn({ model, inference, contextOf: contextIn(inference) }).map((parameter) => {
    const readers = [...new Set(parameter.finalUses.map(({ node }) => state.positionOf.get(node.id)!))];
    const [first] = readers;
    return {
      parameter,
      usedBy: readers.slice(0, NAMED_READERS).map((position) => ({
        key: nodeKey(state.nodes[position]!),
        label: state.names[position]!,
      })),
      uses: readers.length,
      path: first === undefined ? "" : state.paths[first]!,
      op: first === undefined ? "" : state.nodes[first]!.opType,
    };
  });
}
