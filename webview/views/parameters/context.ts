import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ParametersStore } from "./parametersStore";

export const StoreContext = createContext<ParametersStore | null>(null);

export function useParameters(): ParametersStore {
  const store = useContext(StoreContext);
  if (store === null) {
    throw new Error("A part of the Parameters view was drawn outside of it.");
  }
  return store;
}
