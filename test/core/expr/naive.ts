import * as fc from "fast-check";
import * as E from "../../../src/core/expr";

/** An amount as a tree, evaluated without any algebra: the oracle for core/expr. */
export type Tree =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: Binary; readonly a: Tree; readonly b: Tree };
type Binary = "add" | "sub" | "mul" | "floorDiv" | "ceilDiv" | "mod" | "max" | "min";

export const NAMES = ["batch", "sequence", "past", "h"];

export function naive(tree: Tree, bindings: ReadonlyMap<string, number>): number {
  if (tree.kind === "number") {
    return tree.value;
  }
  if (tree.kind === "symbol") {
    return bindings.get(tree.name) ?? Number.NaN;
  }
  const a = naive(tree.a, bindings);
  const b = naive(tree.b, bindings);
  switch (tree.kind) {
    case "add":
      return a + b;
    case "sub":
      return a - b;
    case "mul":
      return a * b;
    case "max":
      return Math.max(a, b);
    case "min":
      return Math.min(a, b);
    default:
      if (b === 0) {
        return Number.NaN;
      }
      return tree.kind === "floorDiv"
        ? Math.floor(a / b)
        : tree.kind === "ceilDiv"
          ? Math.ceil(a / b)
          : a - b * Math.floor(a / b);
  }
}

/** Undefined where a division by the number zero stands. */
export function build(tree: Tree): E.Expr | undefined {
  if (tree.kind === "number") {
    return tree.value;
  }
  if (tree.kind === "symbol") {
    return E.symbol(tree.name);
  }
  const a = build(tree.a);
  const b = build(tree.b);
  if (a === undefined || b === undefined) {
    return undefined;
  }
  try {
    switch (tree.kind) {
      case "add":
        return E.add(a, b);
      case "sub":
        return E.sub(a, b);
      case "mul":
        return E.mul(a, b);
      case "floorDiv":
        return E.floorDiv(a, b);
      case "ceilDiv":
        return E.ceilDiv(a, b);
      case "mod":
        return E.mod(a, b);
      case "max":
        return E.max(a, b);
      case "min":
        return E.min(a, b);
    }
  } catch (thrown) {
    if (thrown instanceof RangeError) {
      return undefined;
    }
    throw thrown;
  }
}

const { tree } = fc.letrec<{ tree: Tree; leaf: Tree; node: Tree }>((tie) => ({
  tree: fc.oneof({ depthSize: "small", withCrossShrink: true }, tie("leaf"), tie("node")),
  leaf: fc.oneof(
    fc.record({ kind: fc.constant("number" as const), value: fc.integer({ min: -3, max: 12 }) }),
    fc.record({ kind: fc.constant("symbol" as const), name: fc.constantFrom(...NAMES) }),
  ),
  node: fc.record({
    kind: fc.constantFrom<Binary[]>("add", "sub", "mul", "floorDiv", "ceilDiv", "mod", "max", "min"),
    a: tie("tree"),
    b: tie("tree"),
  }),
}));

export const trees: fc.Arbitrary<Tree> = tree;

export const bindings: fc.Arbitrary<ReadonlyMap<string, number>> = fc
  .tuple(...NAMES.map(() => fc.integer({ min: 0, max: 40 })))
  .map((values) => new Map(NAMES.map((name, i) => [name, values[i] ?? 0])));
