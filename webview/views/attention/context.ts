import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { AttentionStore } from "./attentionStore";

export const StoreContext = createContext<AttentionStore | null>(null);

export function useAttention(): AttentionStore {
  const store = useContext(StoreContext);
  if (store === null) {
    throw new Error("A part of the Attention view was drawn outside of it.");
  }
  return store;
}
