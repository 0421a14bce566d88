import { LIMITS } from "../../limits";
import type { TensorRef } from "../../model/types";
import { type ChannelLayout, channelLayout } from "../channels";
import { elementCount } from "../size";
import type { SummedAxis } from "./groups";

/** What a tensor's axes mean to the operator that reads it, as far as its statistics depend on it. */
export interface TensorAxes {
  /** Each slice along it feeds one output channel, or is one token of a table. */
  readonly channel?: number;
  /** Products along it are summed. */
  readonly summed?: number;
  /** Of a kernel of a convolution, where one row of the matrix is one output channel; else rows are all leading axes. */
  readonly rowsAreFirstAxis?: boolean;
}

/** How a scan goes through the values of a tensor. */
export interface ScanLayout {
  readonly channels?: ChannelLayout & { readonly axis: number };
  readonly summed?: SummedAxis;
  readonly matrix?: { readonly rows: number; readonly columns: number };
}

/** The tensor as a matrix: all axes but the last are its rows, or only the first. A vector is one row. */
export function asMatrix(
  { dims }: Pick<TensorRef, "dims">,
  rowsAreFirstAxis = false,
): { readonly rows: number; readonly columns: number } {
  const product = (sizes: readonly number[]) => sizes.reduce((total, size) => total * size, 1);
  const cut = rowsAreFirstAxis ? 1 : dims.length - 1;
  return { rows: product(dims.slice(0, cut)), columns: product(dims.slice(cut)) };
}

/** Counters are kept for each channel and for each column of a row: where those are too many, the part is left out. */
export function scanLayout(tensor: TensorRef, axes: TensorAxes): ScanLayout {
  const { dims } = tensor;
  const { channel, summed } = axes;
  if (elementCount(tensor) === 0) {
    return {};
  }
  const channels =
    channel === undefined || channel >= dims.length ? undefined : channelLayout(tensor, channel);
  const along = summed === undefined || summed >= dims.length ? undefined : channelLayout(tensor, summed);
  const matrix = dims.length < 2 ? undefined : asMatrix(tensor, axes.rowsAreFirstAxis);
  return {
    ...(channels !== undefined && channels.channels <= LIMITS.statisticsCounters
      ? { channels: { ...channels, axis: channel! } }
      : {}),
    ...(along !== undefined && along.inner <= LIMITS.statisticsCounters
      ? { summed: { size: along.channels, inner: along.inner } }
      : {}),
    ...(matrix !== undefined && matrix.columns <= LIMITS.statisticsCounters ? { matrix } : {}),
  };
}
