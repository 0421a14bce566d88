import { graphAndBelow } from "../edit/graphs";
import type { Graph, TensorRef } from "../model/types";
import { channelLayout } from "../tensor/int8PerChannel";
import { byteLength, elementCount } from "../tensor/reader";
import type { Possible } from "./quantizable";

export const WEIGHTS_KERNEL = "int8PerChannelWeights";
export const SCALES_KERNEL = "int8PerChannelScales";

/** The weight as int8 in a graph that reads it, as an earlier call made it. */
export interface Copy {
  readonly graph: Graph;
  readonly axis: number;
  readonly quantized: string;
  readonly scale: string;
}

/** The int8 copies that earlier calls made of a weight, in the graph that stores it and those inside. */
export function copiesOf(home: Graph, weight: TensorRef): Copy[] {
  const copies: Copy[] = [];
  for (const graph of graphAndBelow(home)) {
    const scales = new Map<number, string>();
    const weights = new Map<number, string>();
    for (const { name, data } of graph.initializers.values()) {
      if (data.kind === "derived" && data.from[0] === weight) {
        (data.kernel === WEIGHTS_KERNEL ? weights : scales).set(Number(data.params["axis"]), name);
      }
    }
    for (const [axis, quantized] of weights) {
      const scale = scales.get(axis);
      if (scale !== undefined) {
        copies.push({ graph, axis, quantized, scale });
      }
    }
  }
  return copies;
}

/** Stored bytes of the weight in all its forms: now, and once every layer that shares it and can be is quantised. */
export function weightBytes(
  graph: Graph,
  { weight, axis, home, sharers, keepers }: Possible,
): { readonly weightBytesBefore: number; readonly weightBytesAfter: number } {
  const floats = byteLength(weight);
  const scaleBytes = weight.dtype === "float16" ? 2 : 4;
  const copyBytes = new Map<string, number>();
  const count = (place: { readonly graph: Graph; readonly axis: number }): void => {
    const bytes = elementCount(weight) + channelLayout(weight, place.axis).channels * scaleBytes;
    copyBytes.set(`${place.axis} ${place.graph.path}`, bytes);
  };
  const total = () => [...copyBytes.values()].reduce((sum, bytes) => sum + bytes, 0);
  for (const copy of copiesOf(home, weight)) {
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
