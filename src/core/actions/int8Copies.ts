import type { Graph, TensorRef } from "../model/types";
import { channelLayout } from "../tensor/channels";
import type { DType } from "../tensor/dtype";
import { byteLength, elementCount } from "../tensor/reader";
import type { Possible } from "./quantizable";

/** The weight as int8 in a graph that reads it, as an earlier call made it. */
export interface Copy {
  readonly graph: Graph;
  readonly axis: number;
  readonly quantized: TensorRef;
  readonly scale: TensorRef;
}

const planned = new WeakMap<TensorRef, Copy[]>();

/** The two tensors of a new copy. It counts from when it is put into its graph until it is taken out again. */
export function planCopy(
  weight: TensorRef,
  { graph, axis }: Pick<Copy, "graph" | "axis">,
  names: { readonly quantized: string; readonly scale: string },
): Copy {
  const derived = (name: string, dtype: DType, dims: readonly number[], kernel: string): TensorRef => ({
    ...{ name, dtype, dims },
    data: { kind: "derived", from: [weight], kernel, params: { axis } },
  });
  const copy = {
    graph,
    axis,
    quantized: derived(names.quantized, "int8", weight.dims, "int8PerChannelWeights"),
    scale: derived(names.scale, weight.dtype, [channelLayout(weight, axis).channels], "int8PerChannelScales"),
  };
  planned.set(weight, [...(planned.get(weight) ?? []), copy]);
  return copy;
}

/** The int8 copies of a weight that the edits in force have made, wherever they are. */
export function copiesOf(weight: TensorRef): readonly Copy[] {
  return (planned.get(weight) ?? []).filter(({ graph, quantized, scale }) =>
    [quantized, scale].every((tensor) => graph.initializers.get(tensor.name) === tensor),
  );
}

/** Stored bytes of the weight in all its forms: now, and once every layer that shares it and can be is quantised. */
export function weightBytes(
  graph: Graph,
  { weight, axis, sharers, keepers }: Possible,
): { readonly weightBytesBefore: number; readonly weightBytesAfter: number } {
  const floats = byteLength(weight);
  const scaleBytes = weight.dtype === "float16" ? 2 : 4;
  const copyBytes = new Map<string, number>();
  const count = (place: { readonly graph: Graph; readonly axis: number }): void => {
    const bytes = elementCount(weight) + channelLayout(weight, place.axis).channels * scaleBytes;
    copyBytes.set(`${place.axis} ${place.graph.path}`, bytes);
  };
  const total = () => [...copyBytes.values()].reduce((sum, bytes) => sum + bytes, 0);
  for (const copy of copiesOf(weight)) {
    count(copy);
  }
  const before = floats + total();
  for (const place of [{ graph, axis }, ...sharers]) {
    count(place);
  }
  return {
    weightBytesBefore: before,
    weightBytesAfter: total() + (keepers.length > 0 ? floats : 0),
  };
}
