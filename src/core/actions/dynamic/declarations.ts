import { allGraphs } from "../../edit/graphs";
import type { Edit } from "../../edit/types";
import { changedInfo } from "../../edit/valueInfo";
import { format } from "../../expr";
import type { Inference } from "../../infer/types";
import type { Graph, Model, ValueInfo } from "../../model/types";
import type { Task } from "./opening";

/** What the file says of the values of a graph. */
export interface Declarations {
  readonly graph: Graph;
  readonly isFunction: boolean;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly values: ReadonlyMap<string, ValueInfo>;
}

export function declarationsOf(model: Model): readonly Declarations[] {
  const bodies = new Set(model.functions.map(({ graph }) => graph));
  return [...allGraphs(model)].map((graph) => ({
    graph,
    isFunction: bodies.has(graph),
    inputs: [...graph.inputs],
    outputs: [...graph.outputs],
    values: new Map(graph.valueInfo),
  }));
}

export function openedInputs({ model: { graph }, opening }: Task): readonly Edit[] {
  const inputs = graph.inputs.map((info) =>
    opening.inputs.has(info.name)
      ? changedInfo(info, {
          dims: info.dims!.map((dim, axis) => (axis === opening.axis ? opening.name : dim)),
        })
      : info,
  );
  return [{ kind: "setInterface", graph: "", inputs }];
}

/** Inference fills gaps from what is declared, where numbers may not be true any more. */
export function withoutNumbers({ model }: Task): readonly Edit[] {
  return declarationsOf(model).flatMap(({ graph, isFunction, outputs, values }): Edit[] => [
    ...[...values].flatMap(([name, info]): Edit[] => {
      const blank = withoutNumber(info);
      return blank === info ? [] : [{ kind: "setValueInfo", graph: graph.path, name, info: blank }];
    }),
    ...(isFunction
      ? []
      : [{ kind: "setInterface", graph: graph.path, outputs: outputs.map(withoutNumber) } as const]),
  ]);
}

function withoutNumber(info: ValueInfo): ValueInfo {
  return info.kind === "tensor" && info.dims?.some((dim) => typeof dim === "number") === true
    ? changedInfo(info, { dims: info.dims.map((dim) => (typeof dim === "number" ? undefined : dim)) })
    : info;
}

/** Edits after which the declarations of before hold for the changed model. */
export function trueAgain(declarations: readonly Declarations[], after: Inference): readonly Edit[] {
  return declarations.flatMap(({ graph, isFunction, inputs, outputs, values }): Edit[] => {
    const now = (info: ValueInfo) => inForce(info, graph, after);
    const changed = (infos: readonly ValueInfo[]) => {
      const instead = infos.map(now);
      return instead.some((info, at) => info !== infos[at]) ? instead : undefined;
    };
    // The inputs of the main graph are those that are opened.
    const [newInputs, newOutputs] = [
      graph.parent === undefined ? undefined : changed(inputs),
      changed(outputs),
    ];
    return [
      ...[...values].flatMap(([name, info]): Edit[] => {
        const instead = now(info);
        // A function is called with other shapes elsewhere.
        return instead === info
          ? []
          : [
              {
                kind: "setValueInfo",
                graph: graph.path,
                name,
                info: isFunction ? undefined : instead,
              },
            ];
      }),
      ...(isFunction || (newInputs === undefined && newOutputs === undefined)
        ? []
        : [
            {
              kind: "setInterface" as const,
              graph: graph.path,
              ...(newInputs && { inputs: newInputs }),
              ...(newOutputs && { outputs: newOutputs }),
            },
          ]),
    ];
  });
}

function inForce(info: ValueInfo, graph: Graph, after: Inference): ValueInfo {
  const { shape } = after.fact(graph, info.name);
  const dims = info.kind === "tensor" ? info.dims : undefined;
  const instead = dims?.map((dim, axis) => {
    const size = shape?.[axis];
    return typeof dim === "number" && size !== undefined && typeof size !== "number" ? format(size) : dim;
  });
  return instead === undefined || instead.every((dim, axis) => dim === dims![axis])
    ? info
    : changedInfo(info, { dims: instead });
}
