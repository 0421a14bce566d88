import { type Signal, signal } from "@preact/signals";
import type { Offer, Preview } from "../../../../src/protocol/actions";
import { errorDataOf } from "../../../../src/rpc/error";
import type { ModelStore } from "./modelStore";

/** Offers that are looked at before they are taken, and what a preview found for those it got to. */
export interface OfferSheet {
  readonly title: string;
  readonly offers: readonly Offer[];
  readonly previews: readonly Preview[];
  readonly problem: string | null;
  readonly applying: boolean;
}

/** The sheet that shows what fixes would do. */
export class OfferStore {
  readonly sheet: Signal<OfferSheet | null> = signal(null);
  private readonly store: ModelStore;
  private abort: AbortController | undefined;

  constructor(store: ModelStore) {
    this.store = store;
  }

  /** Opens the sheet and works the previews out one by one; weights are read for them. */
  async open(title: string, offers: readonly Offer[]): Promise<void> {
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    this.sheet.value = { title, offers, previews: [], problem: null, applying: false };
    for (const { call } of offers) {
      try {
        const preview = await this.store.client.call("preview", { call }, { signal: abort.signal });
        this.amend(abort, (sheet) => ({ previews: [...sheet.previews, preview] }));
      } catch (thrown) {
        this.amend(abort, () => ({ problem: errorDataOf(thrown).message }));
        return;
      }
      if (abort.signal.aborted) {
        return;
      }
    }
  }

  /** Fetches what is offered at a row, which the table knows only the number of, and opens it. */
  async openRow(key: string, title: string): Promise<void> {
    const answer = await this.store.attempt(() => this.store.client.call("offers", { key }));
    if (answer !== undefined && answer.offers.length > 0) {
      await this.open(title, answer.offers);
    }
  }

  async apply(): Promise<void> {
    const sheet = this.sheet.value;
    if (sheet === null || sheet.applying) {
      return;
    }
    this.abort?.abort();
    this.sheet.value = { ...sheet, applying: true };
    await this.store.apply(sheet.offers.map(({ call }) => call));
    this.sheet.value = null;
  }

  close(): void {
    this.abort?.abort();
    this.sheet.value = null;
  }

  private amend(abort: AbortController, change: (sheet: OfferSheet) => Partial<OfferSheet>): void {
    if (this.abort === abort && !abort.signal.aborted && this.sheet.value !== null) {
      this.sheet.value = { ...this.sheet.value, ...change(this.sheet.value) };
    }
  }
}
