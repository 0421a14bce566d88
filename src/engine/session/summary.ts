import { allGraphs } from "../../core/edit/graphs";
import type { DimControl, ModelSummary } from "../../protocol/engine";
import type { View } from "./view";

type FromSession = Pick<
  ModelSummary,
  | "fileName"
  | "fileBytes"
  | "externalBytes"
  | "problems"
  | "fingerprint"
  | "dirty"
  | "canUndo"
  | "canRedo"
  | "profile"
>;

/** Everything that a header says of the model. */
export function modelSummary(
  parts: FromSession & { readonly view: View; readonly dims: readonly DimControl[] },
): ModelSummary {
  const { view, dims, ...rest } = parts;
  const { state } = view;
  const { model } = state;
  const subgraphs = [...allGraphs(model)].filter((graph) => graph.parent !== undefined).length;
  return {
    revision: state.revision,
    ...rest,
    graphName: model.graph.name,
    producer: [model.producerName, model.producerVersion].filter((part) => part !== "").join(" "),
    irVersion: model.irVersion,
    opsets: [...model.opsets].map(([domain, version]) => ({
      domain: domain === "" ? "ai.onnx" : domain,
      version,
    })),
    functions: model.functions.length,
    subgraphs,
    nodes: state.nodes.length,
    inputs: model.graph.inputs.map(({ name }) => name).filter((name) => !model.graph.initializers.has(name)),
    outputs: model.graph.outputs.map(({ name }) => name),
    dims,
    totals: view.totals.now(),
    ops: view.ops,
    modules: view.modules,
  };
}
