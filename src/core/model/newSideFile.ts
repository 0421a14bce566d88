import { byteLength } from "../tensor/reader";
import { segmentLength } from "./segments";
import type { SavePlan, Segment, TensorRef } from "./types";

/** Pages, so that large tensors can be mapped into memory. */
const PAGE_BYTES = 4096;
/** A page for each of many small tensors would be mostly empty: they lie as vector instructions like it best. */
const LARGE_FROM_BYTES = 16 * PAGE_BYTES;
const SMALL_ALIGNMENT = 64;

/** Where the elements of a tensor are in a side file. */
export interface Place {
  readonly location: string;
  readonly offset: number;
}

/** A side file that a save writes: what goes into it, and where. */
export class NewSideFile {
  readonly location: string;
  private readonly segments: Segment[] = [];
  private readonly places = new Map<string, Place>();
  private length = 0;

  constructor(location: string) {
    this.location = location;
  }

  /** Tensors that shared their bytes go on sharing them. */
  put(tensor: TensorRef): Place {
    const key = sharedBytes(tensor);
    const existing = key === undefined ? undefined : this.places.get(key);
    if (existing !== undefined) {
      return existing;
    }
    const alignment = byteLength(tensor) < LARGE_FROM_BYTES ? SMALL_ALIGNMENT : PAGE_BYTES;
    const offset = Math.ceil(this.length / alignment) * alignment;
    if (offset > this.length) {
      this.segments.push({ kind: "bytes", bytes: new Uint8Array(offset - this.length) });
    }
    const segment: Segment = { kind: "tensor", tensor, byteLength: byteLength(tensor) };
    this.segments.push(segment);
    this.length = offset + segmentLength(segment);
    const place = { location: this.location, offset };
    if (key !== undefined) {
      this.places.set(key, place);
    }
    return place;
  }

  get plan(): SavePlan["sideFiles"] {
    const { location, segments, length } = this;
    return segments.length === 0 ? [] : [{ location, segments, byteLength: length }];
  }
}

/** Names the bytes of a tensor that others may name too. */
function sharedBytes(tensor: TensorRef): string | undefined {
  const { data } = tensor;
  return data.kind === "external"
    ? JSON.stringify([data.location, data.offset, byteLength(tensor)])
    : undefined;
}
