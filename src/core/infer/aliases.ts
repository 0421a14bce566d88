import { coefficients, divideExact, type Expr, substitute, symbolsOf } from "../expr";
import type { Dim, Fact } from "../facts/fact";

/**
 * Names that declarations use for what the inputs name otherwise: exporters rename the dims of inputs and leave the
 * names of their tracing in what they declare of values in between. Where inference knows a size and the file declares
 * 4·s89 for it, s89 is known from then on.
 */
export class Aliases {
  private readonly known = new Map<string, Expr>();
  private readonly isGiven: (symbol: string) => boolean;

  /** @param isGiven whether a symbol is in use already: of an input, or decided by data */
  constructor(isGiven: (symbol: string) => boolean) {
    this.isGiven = isGiven;
  }

  /** What is declared, in the names of the inputs. */
  resolve(declared: Fact): Fact {
    const { shape } = declared;
    return this.known.size === 0 || shape === undefined
      ? declared
      : { ...declared, shape: shape.map((dim) => this.inOwnNames(dim)) };
  }

  /** Takes in one value of which both inference and the file say sizes; `declared` is resolved. */
  learn(inferred: Fact, declared: Fact): void {
    const { shape } = declared;
    if (shape === undefined || inferred.shape?.length !== shape.length) {
      return;
    }
    shape.forEach((dim, axis) => {
      const size = inferred.shape?.[axis];
      if (dim !== undefined && size !== undefined && dim !== size && typeof dim !== "number") {
        this.learnSize(dim, size);
      }
    });
  }

  private learnSize(declared: Expr, inferred: Expr): void {
    const unknown = [...symbolsOf(declared)].filter((symbol) => !this.isGiven(symbol));
    const [symbol] = unknown;
    if (symbol === undefined || unknown.length > 1 || symbolsOf(inferred).has(symbol)) {
      return;
    }
    const terms = coefficients(declared, symbol);
    const [term] = terms;
    const value =
      terms.length === 1 && term?.power === 1 && !symbolsOf(term.factor).has(symbol)
        ? divideExact(inferred, term.factor)
        : undefined;
    if (value !== undefined) {
      this.known.set(symbol, value);
    }
  }

  private inOwnNames(dim: Dim): Dim {
    return dim === undefined || typeof dim === "number" ? dim : substitute(dim, this.known);
  }
}
