import { type Signal, signal } from "@preact/signals";
import type { Offer } from "../../../../src/protocol/actions";
import type { Json } from "../../../../src/protocol/json";
import { errorDataOf } from "../../../../src/rpc/error";
import type { ModelStore } from "./modelStore";
import { callsOf, chosenOffers, faultsOf, groupsOf, type OfferGroup, type OfferSheet } from "./offerSheet";

/** Typing in a form goes on for a while; the engine is asked when it rests. */
const QUIET_MS = 250;

/** The sheet that shows what fixes would do. */
export class OfferStore {
  readonly sheet: Signal<OfferSheet | null> = signal(null);
  private readonly store: ModelStore;
  private abort: AbortController | undefined;

  constructor(store: ModelStore) {
    this.store = store;
  }

  /** Opens the sheet and works out what the first kind of fix would do; weights are read for those that round them. */
  async open(title: string, offers: readonly Offer[]): Promise<void> {
    const groups = groupsOf(offers);
    this.sheet.value = {
      title,
      groups,
      effect: null,
      previews: [],
      toPreview: 0,
      problem: null,
      applying: false,
    };
    await this.work(0);
  }

  /** Fetches what is offered at a row, which the table knows only the number of, and opens it. */
  async openRow(key: string, title: string): Promise<void> {
    const answer = await this.store.attempt(() => this.store.client.call("offers", { key }));
    if (answer !== undefined && answer.offers.length > 0) {
      await this.open(title, answer.offers);
    }
  }

  async choose(id: string, chosen: boolean): Promise<void> {
    this.change(id, () => ({ chosen }));
    await this.work(0);
  }

  async answer(id: string, param: string, value: Json): Promise<void> {
    this.change(id, ({ answers }) => ({ answers: { ...answers, [param]: value } }));
    await this.work(QUIET_MS);
  }

  async apply(): Promise<void> {
    const sheet = this.sheet.value;
    if (sheet === null || sheet.applying) {
      return;
    }
    this.abort?.abort();
    this.sheet.value = { ...sheet, applying: true };
    await this.store.apply(callsOf(sheet));
    this.sheet.value = null;
  }

  close(): void {
    this.abort?.abort();
    this.sheet.value = null;
  }

  private change(id: string, change: (group: OfferGroup) => Partial<OfferGroup>): void {
    const sheet = this.sheet.value;
    if (sheet !== null) {
      const groups = sheet.groups.map((group) => (group.id === id ? { ...group, ...change(group) } : group));
      this.sheet.value = { ...sheet, groups };
    }
  }

  /** Asks for the effect of what is chosen and then for its previews, one by one; what was asked before is dropped. */
  private async work(quietMs: number): Promise<void> {
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    const sheet = this.sheet.value;
    if (sheet === null) {
      return;
    }
    const calls = callsOf(sheet);
    const rounding = calls.filter((_, position) => chosenOffers(sheet)[position]?.rounds === true);
    this.sheet.value = { ...sheet, effect: null, previews: [], toPreview: rounding.length, problem: null };
    if (calls.length === 0 || sheet.groups.some((group) => group.chosen && faultsOf(group).size > 0)) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, quietMs));
    const { client } = this.store;
    const { signal } = abort;
    try {
      if (!signal.aborted) {
        const effect = await client.call("effect", { calls }, { signal });
        this.amend(abort, () => ({ effect }));
      }
      for (const call of rounding) {
        if (signal.aborted) {
          return;
        }
        const preview = await client.call("preview", { call }, { signal });
        this.amend(abort, ({ previews }) => ({ previews: [...previews, preview] }));
      }
    } catch (thrown) {
      this.amend(abort, () => ({ problem: errorDataOf(thrown).message }));
    }
  }

  private amend(abort: AbortController, change: (sheet: OfferSheet) => Partial<OfferSheet>): void {
    if (this.abort === abort && !abort.signal.aborted && this.sheet.value !== null) {
      this.sheet.value = { ...this.sheet.value, ...change(this.sheet.value) };
    }
  }
}
