import type { ParamSpec } from "../../protocol/actions";
import { allGraphs } from "../edit/graphs";
import type { Edit } from "../edit/types";
import { changedInfo } from "../edit/valueInfo";
import { ModelError } from "../errors";
import { dimension, type Expr, equal, format, substitute, symbol, symbolsOf } from "../expr";
import type { Dim, Fact } from "../facts/fact";
import type { Inference } from "../infer/types";
import type { DeclaredDim, Graph, Model, ValueInfo } from "../model/types";
import { sizeOrName, textParam } from "./params";
import { type ModelAction, WHOLE_MODEL } from "./types";

const ID = "setDim";
const TITLE = "Fix or rename a dim";

/** A dim that is open becomes a number everywhere, or gets another name. */
export const setDim: ModelAction = {
  scope: "model",
  id: ID,
  title: TITLE,
  description:
    "Gives an open dim, such as batch or sequence, a fixed size in all inputs, outputs and declared values, or " +
    "another name. Formulas of dims such as past + sequence follow.",
  onRequest: true,

  answers({ model }) {
    const names = dimNames(model);
    const [first] = names;
    if (first === undefined) {
      return [];
    }
    const params: readonly ParamSpec[] = [
      {
        name: "dim",
        title: "Dim",
        kind: "choice",
        default: first,
        choices: names.map((name) => ({ value: name, title: name })),
      },
      { name: "to", title: "Size, or its new name", kind: "text", default: "1" },
    ];
    return [
      {
        kind: "offer",
        offer: {
          call: { action: ID, target: WHOLE_MODEL, params: { dim: first, to: "1" } },
          title: TITLE,
          detail: `Open dims: ${names.join(", ")}`,
          weightBytesBefore: 0,
          weightBytesAfter: 0,
          params,
        },
      },
    ];
  },

  plan({ model, inference }, params) {
    const dim = textParam(params, "dim", "which dim it is");
    const to = sizeOrName(params, "to", "which size or name it gets");
    const names = dimNames(model);
    if (!names.includes(dim)) {
      const known = names.length === 0 ? "The model has none." : `Its open dims: ${names.join(", ")}.`;
      throw new ModelError("inconsistent", `No input of the model has a dim named ${dim}.`, {}, known);
    }
    if (typeof to === "string" && names.includes(to)) {
      throw new ModelError("inconsistent", `The model has a dim named ${to} already.`);
    }
    const exchange = new Map<string, Expr>([[dim, typeof to === "number" ? to : symbol(to)]]);
    const bodies = new Set(model.functions.map(({ graph }) => graph));
    return {
      label: typeof to === "number" ? `Fix ${dim} at ${to}` : `Rename dim ${dim} to ${to}`,
      edits: [...allGraphs(model)].flatMap((graph) => [
        ...(bodies.has(graph) ? [] : interfaceEdits(graph, inference, exchange)),
        ...valueEdits(graph, inference, exchange),
      ]),
    };
  },
};

/** Symbols in the shapes of the inputs, in order of appearance. */
function dimNames({ graph }: Model): readonly string[] {
  const dims = graph.inputs.flatMap((input) => input.dims ?? []);
  const formulas = dims.filter((dim) => typeof dim === "string").map(dimension);
  return [...new Set(formulas.flatMap((formula) => [...symbolsOf(formula)]))];
}

function interfaceEdits(
  graph: Graph,
  inference: Inference,
  exchange: ReadonlyMap<string, Expr>,
): readonly Edit[] {
  const inputs = graph.inputs.map((info) => exchanged(info, inference.fact(graph, info.name), exchange));
  const outputs = graph.outputs.map((info) => exchanged(info, inference.fact(graph, info.name), exchange));
  const isSame =
    inputs.every((info, index) => info === graph.inputs[index]) &&
    outputs.every((info, index) => info === graph.outputs[index]);
  return isSame ? [] : [{ kind: "setInterface", graph: graph.path, inputs, outputs }];
}

function valueEdits(
  graph: Graph,
  inference: Inference,
  exchange: ReadonlyMap<string, Expr>,
): readonly Edit[] {
  return [...graph.valueInfo].flatMap(([name, info]): Edit[] => {
    const changed = exchanged(info, inference.fact(graph, name), exchange);
    return changed === info ? [] : [{ kind: "setValueInfo", graph: graph.path, name, info: changed }];
  });
}

function exchanged(info: ValueInfo, { shape }: Fact, exchange: ReadonlyMap<string, Expr>): ValueInfo {
  const dims =
    info.kind === "tensor"
      ? info.dims?.map((dim, axis) => withOther(dim, shape?.[axis], exchange))
      : undefined;
  return dims === undefined || dims.every((dim, axis) => dim === info.dims![axis])
    ? info
    : changedInfo(info, { dims });
}

/** Exporters give names in bodies of loops that mean other dims outside: such a dim then says nothing any more. */
function withOther(dim: DeclaredDim, known: Dim, exchange: ReadonlyMap<string, Expr>): DeclaredDim {
  if (typeof dim !== "string") {
    return dim;
  }
  const formula = dimension(dim);
  const result = substitute(formula, exchange);
  if (result === formula) {
    return dim;
  }
  return known !== undefined && !equal(known, formula)
    ? undefined
    : typeof result === "number"
      ? result
      : format(result);
}
