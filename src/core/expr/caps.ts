import { type Atom, type Expr, polyOf } from "./poly";

/**
 * The smallest number that the symbol is cut at: c where min(name, c) occurs in the expression. Tables of positions
 * are sliced that way, so that a larger size would run past their end. Undefined when it is never cut.
 */
export function capOf(expr: Expr, name: string): number | undefined {
  if (typeof expr === "number") {
    return undefined;
  }
  let smallest: number | undefined;
  for (const mono of polyOf(expr).monos) {
    for (const atom of mono.atoms) {
      for (const cap of atomCaps(atom, name)) {
        smallest = Math.min(smallest ?? cap, cap);
      }
    }
  }
  return smallest;
}

function atomCaps(atom: Atom, name: string): number[] {
  const inner = atom.args.map((arg) => capOf(arg, name)).filter((cap) => cap !== undefined);
  if (atom.kind === "min" && atom.args.some((arg) => isSymbol(arg, name))) {
    inner.push(...atom.args.filter((arg) => typeof arg === "number"));
  }
  return inner;
}

function isSymbol(expr: Expr, name: string): boolean {
  if (typeof expr === "number") {
    return false;
  }
  const { monos, coeffs } = polyOf(expr);
  const [mono] = monos;
  return (
    monos.length === 1 &&
    coeffs[0] === 1 &&
    mono?.atoms.length === 1 &&
    mono.powers[0] === 1 &&
    mono.atoms[0]?.kind === "symbol" &&
    mono.atoms[0].name === name
  );
}
