import type { Attribute, Node, TensorRef } from "../model/types";
import { encodeNumbers } from "../tensor/encode";
import type { OpSpec } from "./spec";

const NONE: readonly TensorRef[] = [];

/** One for each attribute, so that whoever collects tensors knows them again. */
const tensors = new WeakMap<Attribute, TensorRef>();

/** What a node's operator learned in training and keeps in attributes, as stored tensors named like these. */
export function heldTensors(spec: OpSpec | undefined, node: Node): readonly TensorRef[] {
  let found: TensorRef[] | undefined;
  for (const name of spec?.held ?? []) {
    const attribute = node.attributes.get(name);
    const tensor = attribute === undefined ? undefined : tensorOf(name, attribute);
    if (tensor !== undefined) {
      found ??= [];
      found.push(tensor);
    }
  }
  return found ?? NONE;
}

function tensorOf(name: string, attribute: Attribute): TensorRef | undefined {
  if (attribute.type === "tensor") {
    return attribute.value;
  }
  if (attribute.type !== "floats" && attribute.type !== "ints") {
    return undefined;
  }
  const known = tensors.get(attribute);
  if (known !== undefined) {
    return known;
  }
  const { value } = attribute;
  const dtype = attribute.type === "floats" ? "float32" : "int64";
  const tensor: TensorRef = {
    name,
    dtype,
    dims: [value.length],
    data: {
      kind: "memory",
      get bytes() {
        return encodeNumbers(dtype, value) ?? new Uint8Array();
      },
    },
  };
  tensors.set(attribute, tensor);
  return tensor;
}
