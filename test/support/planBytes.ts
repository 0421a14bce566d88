import type { Model, Segment } from "../../src/core/model/types";
import { planSave, type SaveOptions } from "../../src/core/model/writer";
import type { TensorReader } from "../../src/core/tensor/reader";
import { segmentChunks } from "../../src/engine/save/chunks";
import { concat } from "./wire";

/** What a save of the model would write: the .onnx file and the new side files by location. */
export function savedBytes(
  model: Model,
  reader: TensorReader,
  options: SaveOptions = {},
): { readonly model: Uint8Array; readonly sideFiles: { readonly [location: string]: Uint8Array } } {
  const plan = planSave(model, options);
  const bytesOf = (segments: readonly Segment[]) =>
    concat(...Array.from(segmentChunks(segments, model.source, reader), (chunk) => chunk.slice()));
  return {
    model: bytesOf(plan.segments),
    sideFiles: Object.fromEntries(
      plan.sideFiles.map(({ location, segments }) => [location, bytesOf(segments)]),
    ),
  };
}
