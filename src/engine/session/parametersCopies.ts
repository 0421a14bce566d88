import { type Content, type Copy, copiesIn, copyGroups } from "../../core/analysis/parameters/copies";
import type { Parameter } from "../../core/analysis/parameters/parameters";
import type { TensorRef } from "../../core/model/types";
import { byteLength } from "../../core/tensor/reader";
import { Meter } from "../save/meter";
import { contentOf, type Reading, repeatsOf } from "./parametersReading";

/** Contents that were read, by tensor: an edit makes new tensors and leaves the others as they are. */
export interface Contents {
  readonly hashes: WeakMap<TensorRef, Content>;
  /** How often a constant holds the same content; of those that were read. */
  readonly repeats: WeakMap<TensorRef, number>;
}

/** Constants from here on are looked at for what repeats in them. */
const LOOKED_AT_BYTES = 64 * 1024;

export interface Copies {
  /** Whether everything was read that it takes to know. */
  readonly compared: boolean;
  readonly wastedBytes: number;
  readonly of: ReadonlyMap<Parameter, Copy<Parameter> & { readonly wastedBytes: number }>;
}

/** The copies among tensors as far as their contents are known. */
export function knownCopies(parameters: readonly Parameter[], contents: Contents): Copies {
  const found = new Map<Parameter, Copy<Parameter> & { readonly wastedBytes: number }>();
  let compared = true;
  let wastedBytes = 0;
  for (const group of copyGroups(parameters)) {
    if (!group.members.every(({ tensor }) => contents.hashes.get(tensor)?.way === group.way)) {
      compared = false;
      continue;
    }
    for (const [member, copy] of copiesIn(group, ({ tensor }) => contents.hashes.get(tensor)!)) {
      const isSamePlace =
        placeOf(member.tensor) !== undefined && placeOf(member.tensor) === placeOf(copy.of.tensor);
      const wasted = isSamePlace ? 0 : member.bytes;
      wastedBytes += wasted;
      found.set(member, { ...copy, wastedBytes: wasted });
    }
  }
  return { compared, wastedBytes, of: found };
}

/** Reads what must be read to know all copies. What was read before is kept, also when this is cancelled. */
export async function readContents(
  parameters: readonly Parameter[],
  contents: Contents,
  reading: Reading,
): Promise<void> {
  const unread = copyGroups(parameters).flatMap(({ way, members }) =>
    members
      .filter(({ tensor }) => contents.hashes.get(tensor)?.way !== way)
      .map(({ tensor }) => ({ tensor, way })),
  );
  const constants = parameters.filter(
    ({ role, bytes, tensor }) =>
      (role === "constant" || role === "positions") &&
      bytes >= LOOKED_AT_BYTES &&
      tensor.sparse === undefined &&
      !contents.repeats.has(tensor),
  );
  const total = [...unread, ...constants].reduce((sum, { tensor }) => sum + byteLength(tensor), 0);
  const meter = new Meter(total, (done) => reading.onProgress({ task: "compare", ...done }));
  const byPlace = new Map<string, Content>();
  for (const { tensor, way } of unread) {
    const place = placeOf(tensor);
    const key = `${way} ${tensor.dims.join("×")} ${place}`;
    let content = place === undefined ? undefined : byPlace.get(key);
    if (content === undefined) {
      content = await contentOf(tensor, way, reading, (bytes) => meter.add(bytes));
      byPlace.set(key, content);
    } else {
      meter.add(byteLength(tensor));
    }
    contents.hashes.set(tensor, content);
  }
  for (const { tensor } of constants) {
    const repeats = await repeatsOf(tensor, reading, (bytes) => meter.add(bytes));
    contents.repeats.set(tensor, repeats);
  }
}

/** Where a side file holds the bytes: several tensors may share them. */
function placeOf({ data }: TensorRef): string | undefined {
  return data.kind === "external" ? `${data.location} ${data.offset} ${data.length}` : undefined;
}
