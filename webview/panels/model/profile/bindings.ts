import type { Bindings } from "../../../../src/protocol/engine";

/** "batch 1, sequence 128"; "fixed sizes" for a model without symbols. */
export function bindingsText(bindings: Bindings): string {
  const entries = Object.entries(bindings);
  return entries.length === 0 ? "fixed sizes" : entries.map(([name, value]) => `${name} ${value}`).join(", ");
}
