import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { LayersStore } from "./layers/layersStore";
import type { ModelStore } from "./store/modelStore";
import type { OfferStore } from "./store/offerStore";
import type { ProfileStore } from "./store/profileStore";

/** The page's stores, for every view. */
export interface Page {
  readonly store: ModelStore;
  readonly layers: LayersStore;
  readonly profile: ProfileStore;
  readonly offers: OfferStore;
}

export const PageContext = createContext<Page | null>(null);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === null) {
    throw new Error("A view was drawn outside of the page.");
  }
  return page;
}
