import { allGraphs } from "../../edit/graphs";
import type { Edit } from "../../edit/types";
import { changedInfo } from "../../edit/valueInfo";
import { ModelError } from "../../errors";
import type { Inference } from "../../infer/types";
import type { Attribute, Graph, Model, Node, TensorRef, ValueInfo } from "../../model/types";
import { DTYPE_CODES, dtypeFromCode } from "../../tensor/dtype";
import type { TensorReader } from "../../tensor/reader";
import { nameOf } from "../naming";
import { removeNoOp } from "../removeNoOp";
import { isStandard } from "../rewire";
import { onTrial } from "../trial";
import { isHalf } from "./half";
import { castsAtInterface } from "./interface";

export interface Widening {
  readonly model: Model;
  readonly inference: Inference;
  readonly keepInterface: boolean;
  readonly reader: TensorReader;
  /** Infers the model in its present state. */
  readonly infer: () => Inference;
}

/**
 * The edits after which nothing is float16 or bfloat16. The model is changed, looked at for Casts without effect, and is
 * as it was when this returns or throws.
 *
 * @throws ModelError("inconsistent") for what holds such values and cannot be written
 */
export function widened({ model, inference, keepInterface, infer, reader }: Widening): readonly Edit[] {
  return onTrial(model, (change) => {
    const edits: Edit[] = [];
    const make = (more: readonly Edit[]) => {
      change(more);
      edits.push(...more);
    };
    make([
      ...[...allGraphs(model)].flatMap((graph) => inGraph(model, graph, keepInterface)),
      ...(keepInterface ? castsAtInterface(model, inference) : []),
    ]);
    if (edits.length > 0) {
      withoutCasts({ model, inference: infer(), reader }, make);
    }
    return edits;
  });
}

function withoutCasts(
  { model, inference, reader }: Pick<Widening, "model" | "inference" | "reader">,
  make: (edits: readonly Edit[]) => void,
): void {
  for (const graph of allGraphs(model)) {
    for (const { id } of graph.nodes.filter((node) => isStandard(node, "Cast"))) {
      const node = graph.nodes.find((one) => one.id === id);
      const context = node && { model, inference, graph, node };
      if (
        context !== undefined &&
        writesFloat32(context.node) &&
        removeNoOp.answer(context).kind === "offer"
      ) {
        make(removeNoOp.plan(context, {}, reader).edits);
      }
    }
  }
}

function inGraph(model: Model, graph: Graph, keepInterface: boolean): readonly Edit[] {
  const { path } = graph;
  const isFunction = model.functions.some((one) => one.graph === graph);
  const keeps = keepInterface && graph === model.graph;
  const inputs = keeps ? graph.inputs.map(keptOrWide(graph)) : graph.inputs.map(wideInfo);
  const outputs = keeps ? graph.outputs : graph.outputs.map(wideInfo);
  const isSame = [...inputs, ...outputs].every(
    (info) => graph.inputs.includes(info) || graph.outputs.includes(info),
  );
  return [
    ...[...graph.initializers.values()]
      .filter(({ dtype }) => isHalf(dtype))
      .flatMap((tensor): Edit[] => [
        { kind: "dropTensor", graph: path, name: tensor.name },
        { kind: "putTensor", graph: path, tensor: wideTensor(tensor) },
      ]),
    ...graph.nodes.flatMap((node) =>
      [...node.attributes].flatMap(([name, attribute]): Edit[] => {
        const value = wideAttribute(node, name, attribute);
        return value === attribute ? [] : [{ kind: "setAttribute", graph: path, node: node.id, name, value }];
      }),
    ),
    ...[...graph.valueInfo].flatMap(([name, info]): Edit[] => {
      const wide = wideInfo(info);
      return wide === info ? [] : [{ kind: "setValueInfo", graph: path, name, info: wide }];
    }),
    ...(isSame || isFunction ? [] : [{ kind: "setInterface" as const, graph: path, inputs, outputs }]),
  ];
}

/** An initializer that the caller may exchange is no input that is fed. */
const keptOrWide = (graph: Graph) => (info: ValueInfo) =>
  graph.initializers.has(info.name) ? wideInfo(info) : info;

function wideInfo(info: ValueInfo): ValueInfo {
  if (!isHalf(info.dtype)) {
    return info;
  }
  if (info.kind !== "tensor") {
    throw new ModelError(
      "inconsistent",
      `${info.name} is a ${info.kind} of ${info.dtype}, which cannot be rewritten.`,
    );
  }
  return changedInfo(info, { dtype: "float32" });
}

function wideTensor(tensor: TensorRef): TensorRef {
  if (tensor.sparse !== undefined) {
    throw new ModelError(
      "inconsistent",
      `${tensor.name} is sparse and ${tensor.dtype}, which cannot be rewritten.`,
    );
  }
  const { name, dims } = tensor;
  return {
    name,
    dtype: "float32",
    dims,
    data: { kind: "derived", from: [tensor], kernel: "convertFloats", params: {} },
  };
}

/** Attributes that name the type of what a node makes. */
const TYPES = ["to", "dtype", "output_dtype", "output_datatype"];

function wideAttribute(node: Node, name: string, attribute: Attribute): Attribute {
  switch (attribute.type) {
    case "tensor":
      return isHalf(attribute.value.dtype)
        ? { type: "tensor", value: wideTensor(attribute.value) }
        : attribute;
    case "tensors":
      if (attribute.value.some(({ dtype }) => isHalf(dtype))) {
        throw new ModelError(
          "inconsistent",
          `${nameOf(node)} holds a list of tensors, which cannot be rewritten.`,
        );
      }
      return attribute;
    case "int": {
      const isType = TYPES.includes(name) && isHalf(dtypeFromCode(attribute.value));
      return isType ? { type: "int", value: DTYPE_CODES.float32 } : attribute;
    }
    default:
      return attribute;
  }
}

function writesFloat32({ attributes }: Node): boolean {
  const to = attributes.get("to");
  return to?.type === "int" && to.value === DTYPE_CODES.float32;
}
