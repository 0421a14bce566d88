import { type AxesOptions, axesOf } from "../../core/analysis/parameters/axes";
import { type Content, ContentReading } from "../../core/analysis/parameters/copies";
import type { Parameter } from "../../core/analysis/parameters/parameters";
import type { TensorRef } from "../../core/model/types";
import { decodeNumbers, elementsIn } from "../../core/tensor/decodeNumbers";
import { bitsPerElement } from "../../core/tensor/dtype";
import { Cells, cellLayout, rowLabels } from "../../core/tensor/matrixWindow";
import { byteLength, CHUNK_BYTES, type TensorReader } from "../../core/tensor/reader";
import { Repeats } from "../../core/tensor/repeats";
import { demandNumbers, StatisticsScan } from "../../core/tensor/statistics/scan";
import { type Run, windowRuns } from "../../core/tensor/windowRuns";
import type { TensorProgress, TensorStatistics, TensorValues, ValuesQuery } from "../../protocol/parameters";
import { breathe } from "../save/breathe";
import { Meter } from "../save/meter";

/** How tensors are read: in pieces, between which the engine hears of other calls and of Cancel. */
export interface Reading {
  readonly reader: TensorReader;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TensorProgress) => void;
}

/** Bytes that one look at values reads at most where it can pick them: some tenths of a second of a slow disk. */
const MOST_READ = 32 * 2 ** 20;

/** Statistics of one tensor, whose bytes are read once, or twice where the histogram needs it. */
export async function statisticsOf(
  parameter: Parameter,
  options: AxesOptions & Reading,
): Promise<Omit<TensorStatistics, "revision" | "tensor">> {
  const { tensor } = parameter;
  const { reader, signal, onProgress } = options;
  const bytes = byteLength(tensor);
  demandNumbers(tensor);
  reader.demandPresent(tensor);
  const scan = new StatisticsScan(tensor, axesOf(parameter, options));
  const meter = new Meter(bytes, (done) => onProgress({ task: "statistics", ...done }));
  let bytesRead = 0;
  const pass = async (take: (piece: Uint8Array, first: number) => void): Promise<void> => {
    let first = 0;
    for await (const piece of breathe(reader.raw(tensor), signal)) {
      take(piece, first);
      first += elementsIn(tensor.dtype, piece.length);
      bytesRead += piece.length;
      meter.add(piece.length);
    }
  };
  await pass((piece, first) => scan.add(piece, first));
  if (scan.needsSecondPass()) {
    await pass((piece, first) => scan.addAgain(piece, first));
  }
  return { ...scan.result(), bytesRead };
}

/** A window on the values. Of a tensor that lies somewhere as it is, only what is asked for is read, and of that a sample where it is much. */
export async function valuesOf(
  tensor: TensorRef,
  query: ValuesQuery,
  { reader, signal }: Reading,
): Promise<Omit<TensorValues, "revision" | "tensor">> {
  demandNumbers(tensor);
  const layout = cellLayout(tensor, query);
  const cells = new Cells(layout);
  const direct = reader.directly(tensor);
  let sampled = false;
  if (direct === undefined) {
    let first = 0;
    for await (const piece of breathe(reader.raw(tensor), signal)) {
      const count = elementsIn(tensor.dtype, piece.length);
      cells.add(decodeNumbers(tensor.dtype, piece, count), first);
      first += count;
    }
  } else {
    const plan = windowRuns(tensor, layout, MOST_READ);
    sampled = plan.sampled;
    const pieces = readRuns(tensor, plan.runs, direct, (values, first) => cells.add(values, first));
    for await (const _ of breathe(pieces, signal)) {
      // Each piece is taken as it is read.
    }
  }
  const { totalRows, totalColumns, row, column, rows, columns } = layout;
  const { cellRows, cellColumns, rowStep, columnStep } = layout;
  return {
    ...{ totalRows, totalColumns, row, column, rows, columns, cellRows, cellColumns, rowStep, columnStep },
    sampled,
    values: Array.from(cells.values, (value) => (Number.isNaN(value) ? null : value)),
    rowLabels: rowLabels(tensor, layout),
  };
}

/** Reads runs of elements, and hands out the bytes after their numbers. */
function* readRuns(
  { dtype }: TensorRef,
  runs: Iterable<Run>,
  read: (offset: number, into: Uint8Array) => void,
  take: (values: Float32Array | Float64Array, first: number) => void,
): Generator<Uint8Array> {
  const bits = bitsPerElement(dtype);
  const most = elementsIn(dtype, CHUNK_BYTES);
  const buffer = new Uint8Array(CHUNK_BYTES + 8);
  for (const run of runs) {
    const end = run.first + run.count;
    for (let first = run.first; first < end; first += most) {
      // Elements of less than a byte start somewhere in one.
      const offset = Math.floor((first * bits) / 8);
      const skipped = first - (offset * 8) / bits;
      const count = Math.min(most, end - first) + skipped;
      const bytes = buffer.subarray(0, Math.ceil((count * bits) / 8));
      read(offset, bytes);
      take(decodeNumbers(dtype, bytes, count).subarray(skipped), first);
      yield bytes;
    }
  }
}

/** Hashes of a tensor's content. */
export async function contentOf(
  tensor: TensorRef,
  way: string,
  { reader, signal }: Reading,
  onBytes: (bytes: number) => void,
): Promise<Content> {
  const hashing = new ContentReading(tensor, way);
  for await (const piece of breathe(reader.raw(tensor), signal)) {
    hashing.add(piece);
    onBytes(piece.length);
  }
  return hashing.content();
}

/** How often a tensor holds the same content along its leading axes. */
export async function repeatsOf(
  tensor: TensorRef,
  { reader, signal }: Reading,
  onBytes: (bytes: number) => void,
): Promise<number> {
  const repeats = new Repeats(tensor);
  for await (const piece of breathe(reader.raw(tensor), signal)) {
    repeats.add(piece);
    onBytes(piece.length);
  }
  return repeats.times();
}
