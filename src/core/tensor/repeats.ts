import type { TensorRef } from "../model/types";
import { bitsPerElement } from "./dtype";
import { elementCount } from "./size";

/** Longer stretches are not held for comparing. */
const LONGEST_STRETCH_BYTES = 4 * 2 ** 20;

interface Candidate {
  readonly bytes: number;
  readonly times: number;
}

/**
 * How often a tensor holds the same content along its leading axes, as when a smaller one was expanded before it was
 * stored; from its raw bytes, which come in order.
 */
export class Repeats {
  /** Stretches that may repeat, the shortest first; the first that holds is the answer. */
  private readonly candidates: Candidate[];
  private readonly head: Uint8Array;
  private seen = 0;

  constructor(tensor: TensorRef) {
    const elements = elementCount(tensor);
    const width = bitsPerElement(tensor.dtype) / 8;
    this.candidates = stretches(tensor.dims)
      .map((stretch) => ({ bytes: stretch * width, times: elements / stretch }))
      .filter(
        ({ bytes, times }) =>
          times > 1 && Number.isInteger(bytes) && bytes > 0 && bytes <= LONGEST_STRETCH_BYTES,
      );
    this.head = new Uint8Array(this.candidates.at(-1)?.bytes ?? 0);
  }

  add(bytes: Uint8Array): void {
    const missing = this.head.subarray(Math.min(this.seen, this.head.length));
    missing.set(bytes.subarray(0, Math.min(bytes.length, missing.length)));
    while (this.candidates.length > 0 && !this.holds(this.candidates[0]!.bytes, bytes)) {
      // Each stretch is made of whole shorter ones: before this piece the next one held as well.
      this.candidates.shift();
    }
    this.seen += bytes.length;
  }

  /** 1 when nothing repeats. */
  times(): number {
    return this.candidates[0]?.times ?? 1;
  }

  private holds(stretch: number, bytes: Uint8Array): boolean {
    const { head } = this;
    let place = this.seen % stretch;
    for (let at = 0; at < bytes.length; at++) {
      if (bytes[at] !== head[place]) {
        return false;
      }
      place = place + 1 === stretch ? 0 : place + 1;
    }
    return true;
  }
}

/** Elements of one slice along the leading axis, along the first two and so on down to one element; shortest first. */
function stretches(dims: readonly number[]): number[] {
  const found = new Set<number>([1]);
  let stretch = 1;
  for (const dim of dims.slice(1).reverse()) {
    stretch *= dim;
    found.add(stretch);
  }
  return [...found].sort((a, b) => a - b);
}
