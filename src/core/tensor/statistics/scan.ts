import { ModelError } from "../../errors";
import type { TensorRef } from "../../model/types";
import { decodeFloats } from "../decode";
import { bitsPerElement, isFloat } from "../dtype";
import { CHUNK_BYTES, elementCount } from "../size";
import { decodeWide, isWide } from "../wide";
import { type Bins, binOf, binsFor, bucketsFill, fillFromBuckets } from "./bins";
import { Blocks } from "./blocks";
import { countBelow, roundedToEdge } from "./buckets";
import { CHANNELS_SHOWN, outlierChannels, pickedChannels } from "./channels";
import { GROUP, Groups } from "./groups";
import { type ScanLayout, scanLayout, type TensorAxes } from "./layout";
import { Tally } from "./tally";

/** What counts as near zero: a hundredth of the root of the mean square. */
const NEAR = 0.01;

/** What the values of a tensor are. Figures of an empty set are null. */
export interface Scanned {
  readonly elements: number;
  /** Over the finite values. */
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly std: number | null;
  readonly nan: number;
  readonly infinite: number;
  readonly zeros: number;
  readonly nearZeros: number;
  readonly nearZeroBelow: number;
  readonly histogram: { readonly from: number; readonly to: number; readonly counts: readonly number[] };
  readonly nm: { readonly keep: number; readonly of: number; readonly share: number } | null;
  readonly blocks: readonly { readonly rows: number; readonly columns: number; readonly zeroShare: number }[];
  readonly channels: {
    readonly axis: number;
    readonly count: number;
    readonly picked: readonly number[];
    readonly min: readonly number[];
    readonly max: readonly number[];
    readonly outliers: readonly number[];
  } | null;
}

/**
 * Statistics of one tensor from its raw bytes, which come in order. One pass is enough but for a histogram of values
 * that lie close together far from zero, or of wide integers: then `needsSecondPass` says so after the first.
 */
export class StatisticsScan {
  private readonly tensor: TensorRef;
  private readonly layout: ScanLayout;
  private readonly tally: Tally;
  private readonly groups: Groups | undefined;
  private readonly blocks: Blocks | undefined;
  private readonly decoded: Float32Array | Float64Array;
  private zeros = 0;
  private bins: Bins | undefined;
  private counts: number[] | undefined;

  /** @throws ModelError("unsupported") for a tensor without numbers */
  constructor(tensor: TensorRef, axes: TensorAxes) {
    demandNumbers(tensor);
    const elements = elementCount(tensor);
    const wide = isWide(tensor.dtype);
    this.tensor = tensor;
    this.layout = scanLayout(tensor, axes);
    this.tally = new Tally(this.layout.channels, wide);
    const { summed, matrix } = this.layout;
    this.groups = summed === undefined ? undefined : new Groups(summed);
    this.blocks = matrix === undefined ? undefined : new Blocks(matrix.rows, matrix.columns);
    const longest = Math.min(elements, Math.ceil((CHUNK_BYTES * 8) / bitsPerElement(tensor.dtype)));
    this.decoded = wide ? new Float64Array(longest) : new Float32Array(longest);
  }

  /** Takes raw bytes from element `first` on. */
  add(bytes: Uint8Array, first: number): void {
    for (const [values, start] of this.pieces(bytes, first)) {
      if (this.tally.add(values, start)) {
        this.addZeros(values, start);
      } else {
        this.groups?.skip(start, values.length);
        this.blocks?.skip(start, values.length);
      }
    }
  }

  /** Whether the histogram needs the values once more, for `addAgain`; asked after all of them were added. */
  needsSecondPass(): boolean {
    const { tally, tensor } = this;
    tally.finish();
    if (tally.moments.count === 0) {
      return false;
    }
    const isInteger = !isFloat(tensor.dtype);
    this.bins = binsFor(tally.min, tally.max, isInteger);
    if (bucketsFill(this.bins, tally.min, tally.max, isInteger)) {
      this.counts = fillFromBuckets(this.bins, tally.counts);
      return false;
    }
    this.counts = new Array<number>(this.bins.count).fill(0);
    return true;
  }

  addAgain(bytes: Uint8Array, first: number): void {
    const bins = this.bins!;
    const counts = this.counts!;
    for (const [values] of this.pieces(bytes, first)) {
      for (const value of values) {
        if (Number.isFinite(value)) {
          counts[binOf(bins, value)]!++;
        }
      }
    }
  }

  result(): Scanned {
    const { tally, zeros, bins } = this;
    const { moments } = tally;
    const elements = elementCount(this.tensor);
    const finite = (value: number) => (moments.count > 0 && Number.isFinite(value) ? value : null);
    const size = moments.count > 0 ? moments.size : 0;
    const nearZeroBelow = Number.isFinite(size) ? roundedToEdge(size * NEAR) : 0;
    const share = this.groups?.share(elements);
    return {
      elements,
      min: finite(tally.min),
      max: finite(tally.max),
      mean: finite(moments.mean),
      std: finite(moments.std),
      nan: tally.nan,
      infinite: tally.infinite,
      zeros,
      nearZeros: Math.max(zeros, countBelow(tally.counts, nearZeroBelow)),
      nearZeroBelow,
      histogram: { from: bins?.from ?? 0, to: bins?.to ?? 0, counts: this.counts ?? [] },
      nm: share === undefined ? null : { ...GROUP, share },
      blocks: this.blocks?.shares() ?? [],
      channels: this.channels(),
    };
  }

  private channels(): Scanned["channels"] {
    const { ranges } = this.tally;
    const { channels } = this.layout;
    if (ranges === undefined || channels === undefined) {
      return null;
    }
    // A channel without a finite value has no range.
    const picked = pickedChannels(channels.channels).filter(
      (channel) => ranges.min[channel]! <= ranges.max[channel]!,
    );
    return {
      axis: channels.axis,
      count: channels.channels,
      picked,
      min: picked.map((channel) => ranges.min[channel]!),
      max: picked.map((channel) => ranges.max[channel]!),
      outliers: outlierChannels(ranges).slice(0, CHANNELS_SHOWN),
    };
  }

  private addZeros(values: Float32Array | Float64Array, first: number): void {
    let zeros = 0;
    for (let at = 0; at < values.length; at++) {
      if (values[at] === 0) {
        zeros++;
      }
    }
    this.zeros += zeros;
    if (zeros > 0) {
      this.groups?.scan(values, first);
      this.blocks?.scan(values, first);
    } else {
      this.groups?.skip(first, values.length);
      this.blocks?.skip(first, values.length);
    }
  }

  /** The values of a chunk; kernels may give larger ones than files do. */
  private *pieces(
    bytes: Uint8Array,
    first: number,
  ): Generator<readonly [Float32Array | Float64Array, number]> {
    const { dtype } = this.tensor;
    const bits = bitsPerElement(dtype);
    const rest = elementCount(this.tensor) - first;
    const count = Math.min(rest, Math.floor((bytes.length * 8) / bits));
    if (dtype === "float32" && bytes.byteOffset % 4 === 0) {
      yield [new Float32Array(bytes.buffer, bytes.byteOffset, count), first];
      return;
    }
    for (let at = 0; at < count; at += this.decoded.length) {
      const length = Math.min(count - at, this.decoded.length);
      const part = bytes.subarray((at * bits) / 8);
      const into = this.decoded.subarray(0, length);
      if (into instanceof Float64Array) {
        decodeWide(dtype, part, length, into);
      } else {
        decodeFloats(dtype, part, length, into);
      }
      yield [into, first + at];
    }
  }
}

/** @throws ModelError("unsupported") for strings, complex numbers and tensors that are stored sparse */
export function demandNumbers(tensor: TensorRef): void {
  const { name, dtype } = tensor;
  const refuse = (what: string, hint: string): never => {
    throw new ModelError("unsupported", `Tensor ${name} ${what}.`, { tensor: name }, hint);
  };
  if (bitsPerElement(dtype) === 0 || dtype.startsWith("complex")) {
    refuse(`of type ${dtype} has no real numbers`, "Only tensors of real numbers can be looked into.");
  }
  if (tensor.sparse !== undefined) {
    refuse("is stored sparse", "Its values and indices can be looked into once it is stored dense.");
  }
}
