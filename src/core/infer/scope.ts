import type { Expr } from "../expr";
import type { Fact } from "../facts/fact";
import { bytes } from "../facts/size";
import type { Graph, TensorRef } from "../model/types";

/** A name's meaning in a scope. */
export interface Binding {
  readonly fact: Fact;
  /** The initializer or Constant that the value is. */
  readonly tensor: TensorRef | undefined;
  /** Bytes of the value, worked out when first asked for; null when not known. */
  bytes: Expr | null | undefined;
}

export function bindingBytes(binding: Binding): Expr | undefined {
  if (binding.bytes === undefined) {
    binding.bytes = bytes(binding.fact) ?? null;
  }
  return binding.bytes ?? undefined;
}

/** Values of one run of a graph, with those of the graphs around it. */
export class Scope {
  readonly graph: Graph;
  readonly parent: Scope | undefined;
  readonly #bindings = new Map<string, Binding>();

  constructor(graph: Graph, parent: Scope | undefined) {
    this.graph = graph;
    this.parent = parent;
  }

  bind(name: string, fact: Fact, tensor?: TensorRef): Binding {
    const binding: Binding = { fact, tensor, bytes: undefined };
    this.#bindings.set(name, binding);
    return binding;
  }

  /** Binds a name to what it meant in an earlier inference. */
  adopt(name: string, binding: Binding): void {
    this.#bindings.set(name, binding);
  }

  lookup(name: string): Binding | undefined {
    return this.#bindings.get(name) ?? this.parent?.lookup(name);
  }
}
