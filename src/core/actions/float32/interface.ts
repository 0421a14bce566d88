import { indexOf } from "../../edit/graphIndex";
import { freshName } from "../../edit/graphs";
import type { Edit } from "../../edit/types";
import { ModelError } from "../../errors";
import type { Inference } from "../../infer/types";
import type { Attribute, Model } from "../../model/types";
import { DTYPE_CODES, type DType } from "../../tensor/dtype";
import { readInstead } from "../rewire";
import { isHalf } from "./half";

/** Casts behind the inputs and in front of the outputs of the model that keep their types. */
export function castsAtInterface(model: Model, inference: Inference): readonly Edit[] {
  const { graph } = model;
  const taken: string[] = [];
  const fresh = (wanted: string) => {
    const name = freshName(model, wanted, taken);
    taken.push(name);
    return name;
  };
  const cast = (from: string, to: string, dtype: DType, before: number | undefined): Edit => ({
    kind: "addNode",
    graph: "",
    before,
    node: {
      name: fresh(`${to}_Cast`),
      domain: "",
      opType: "Cast",
      inputs: [from],
      outputs: [to],
      attributes: new Map<string, Attribute>([["to", { type: "int", value: DTYPE_CODES[dtype] }]]),
      metadata: new Map(),
    },
  });
  const first = graph.nodes[0]?.id;
  const inputs = graph.inputs
    .filter(({ name, dtype }) => isHalf(dtype) && !graph.initializers.has(name))
    .flatMap(({ name }): readonly Edit[] => {
      const wide = fresh(`${name}_float32`);
      return [cast(name, wide, "float32", first), ...readInstead(graph, name, wide)];
    });
  const outputs = graph.outputs.flatMap(({ name, dtype: declared }): readonly Edit[] => {
    const dtype = declared ?? inference.fact(graph, name).dtype;
    if (dtype === undefined || !isHalf(dtype)) {
      return [];
    }
    const [maker] = indexOf(graph).makers.get(name);
    if (maker === undefined) {
      throw new ModelError("inconsistent", `No node makes the output ${name}.`);
    }
    const wide = fresh(`${name}_float32`);
    const index = maker.outputs.indexOf(name);
    return [
      { kind: "setOutput", graph: "", node: maker.id, index, value: wide },
      ...readInstead(graph, name, wide),
      cast(wide, name, dtype, undefined),
    ];
  });
  return [...inputs, ...outputs];
}
