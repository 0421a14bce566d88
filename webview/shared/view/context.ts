import type { ReadonlySignal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { DimControl, ModelSummary } from "../../../src/protocol/engine";
import type { Client } from "../rpc/client";

/**
 * What a view is given, whether it is a tab of the Model editor or a page of its own. A view keeps nothing else: what it
 * shows comes from `client`, fetched anew for each `stamp`.
 */
export interface ViewContext {
  /** Typed calls to the engine and to VS Code; `client.on` hears events. */
  readonly client: Client;
  /** Null until the model is open. */
  readonly summary: ReadonlySignal<ModelSummary | null>;
  /** Sizes, with the values under the user's hand. */
  readonly sizes: ReadonlySignal<readonly DimControl[]>;
  /** Counts every change of any figure, by an edit or other sizes: what was fetched for an earlier one is stale. */
  readonly stamp: ReadonlySignal<number>;
  /** Keys of the rows that are chosen in any view or panel of this model. */
  readonly selection: ReadonlySignal<readonly string[]>;
  /** Chooses rows here and in all other panels of the model. */
  select(keys: readonly string[]): void;
  /** Shows a row in the layer table of the Model editor, in front. */
  reveal(key: string): Promise<void>;
  /** Runs a call; what fails is shown above the view, except that the user stopped it. Undefined when it failed. */
  attempt<T>(work: () => Promise<T>): Promise<T | undefined>;
  /** Tells screen readers what happened. */
  announce(message: string): void;
  /** What `remember` was given under that name, in this window or an earlier one, by whatever version: check it. */
  remembered(name: string): unknown;
  /** Keeps a view's state for this model; at most 64 KiB of JSON. */
  remember(name: string, value: unknown): void;
}

export const ViewProvider = createContext<ViewContext | null>(null);

export function useView(): ViewContext {
  const view = useContext(ViewProvider);
  if (view === null) {
    throw new Error("A view was drawn outside of a page.");
  }
  return view;
}
