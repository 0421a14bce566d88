import { ModelError } from "../../errors";
import type { Graph } from "../../model/types";
import { isNameTaken } from "../graphs";

/** One edit, ready to be made and taken back as often as wanted. */
export interface Step {
  readonly forward: () => void;
  /** Restores the very objects that were there, byte spans included. */
  readonly backward: () => void;
}

export function inconsistent(graph: Graph, message: string): ModelError {
  return new ModelError("inconsistent", message, { graph: graph.path });
}

export function demandFree(graph: Graph, name: string): void {
  if (isNameTaken(graph, name)) {
    throw inconsistent(graph, `Value ${name} exists already.`);
  }
}

/** Gives a list other elements, in place: others hold on to the list. */
export function refill<T>(list: T[], elements: readonly T[]): void {
  list.splice(0, list.length, ...elements);
}

/** The order of a map is the order of insertion, and the text view shows it. */
export function refillMap<V>(map: Map<string, V>, entries: readonly (readonly [string, V])[]): void {
  map.clear();
  for (const [name, value] of entries) {
    map.set(name, value);
  }
}
