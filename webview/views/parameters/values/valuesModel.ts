import { batch, computed, type Signal, signal } from "@preact/signals";
import type { TensorRow, TensorValues, ValuesQuery } from "../../../../src/protocol/parameters";
import type { ErrorData } from "../../../../src/protocol/problem";
import { errorDataOf } from "../../../../src/rpc/error";
import { LatestCall } from "../../../shared/timing/latestCall";
import { isWhole, type MatrixSize, matrixOf, queryOf, type Region, whole } from "./region";

/** A call that takes longer is given up for a newer wish: large tensors are not read in vain while zooming through. */
const PATIENCE_MS = 300;

export type FetchValues = (query: ValuesQuery, signal: AbortSignal) => Promise<TensorValues>;

/** What is seen of the values of one tensor. */
export class ValuesModel {
  readonly dims: readonly number[];
  readonly size: MatrixSize;
  readonly region: Signal<Region>;
  readonly values: Signal<TensorValues | null> = signal(null);
  /** The whole tensor, once it was seen: drawn while a part of it is still being read. */
  readonly overview: Signal<TensorValues | null> = signal(null);
  readonly error: Signal<ErrorData | null> = signal(null);
  readonly busy = signal(false);
  /** Largest size of a value seen so far: the end of the colour scale, which must not jump about while zooming. */
  readonly limit = computed(() => Math.max(this.seen.value, this.known.value));
  private readonly seen = signal(0);
  private readonly known = signal(0);
  private readonly tensor: TensorRow["tensor"];
  private readonly calls: LatestCall<ValuesQuery>;
  private pixels = { width: 0, height: 0 };
  private asked = "";
  private underWay: { readonly abort: AbortController; readonly since: number } | undefined;

  constructor({ tensor, dims }: TensorRow, fetch: FetchValues) {
    this.tensor = tensor;
    this.dims = dims;
    this.size = matrixOf(dims);
    this.region = signal(whole(this.size));
    this.calls = new LatestCall(
      (query) => this.fetch(query, fetch),
      (callback) => requestAnimationFrame(callback),
    );
  }

  /** Size of the drawing; what is asked for follows it. */
  resize(width: number, height: number): void {
    this.pixels = { width, height };
    this.ask();
  }

  show(region: Region): void {
    this.region.value = region;
    this.ask();
  }

  /** The largest size of all values, when it is known from elsewhere. */
  know(limit: number): void {
    this.known.value = limit;
  }

  retry(): void {
    this.asked = "";
    this.ask();
  }

  stop(): void {
    this.underWay?.abort.abort();
  }

  private ask(): void {
    const { width, height } = this.pixels;
    if (width === 0 || height === 0 || this.size.rows === 0 || this.size.columns === 0) {
      return;
    }
    const query = queryOf(this.tensor, this.region.value, this.size, this.pixels);
    const key = JSON.stringify(query);
    if (key === this.asked) {
      return;
    }
    this.asked = key;
    if (this.underWay !== undefined && performance.now() - this.underWay.since > PATIENCE_MS) {
      this.underWay.abort.abort();
    }
    this.calls.push(query);
  }

  private async fetch(query: ValuesQuery, fetch: FetchValues): Promise<void> {
    const abort = new AbortController();
    this.underWay = { abort, since: performance.now() };
    this.busy.value = true;
    try {
      const values = await fetch(query, abort.signal);
      batch(() => {
        this.error.value = null;
        this.values.value = values;
        this.seen.value = largest(values.values, this.seen.value);
        if (isWhole(values, this.size)) {
          this.overview.value = values;
        }
      });
    } catch (thrown) {
      const error = errorDataOf(thrown);
      if (error.code !== "cancelled") {
        this.error.value = error;
      }
    } finally {
      this.underWay = undefined;
      this.busy.value = false;
    }
  }
}

function largest(values: readonly (number | null)[], least: number): number {
  return values.reduce<number>(
    (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value ?? 0)) : most),
    least,
  );
}
