import { coefficients, type Expr, equal, evaluate, scale, symbolsOf } from "../../expr";

/** Sizes before and after a Reshape as they were, and before it as they are now. */
export interface Reshaping {
  readonly read: readonly Expr[];
  readonly made: readonly Expr[];
  readonly input: readonly Expr[];
}

/**
 * Follows the opened dim through Reshapes. A Reshape keeps the order of elements, so that what stands before the dim in
 * that order says where it goes. Of a size in which the dim was merged with others, it is kept what stands before it.
 */
export class Follower {
  private readonly size: number;
  private readonly dim: Expr;
  private readonly name: string;
  /** By merged size: how many elements there are before the dim inside of it; NaN where two Reshapes differ. */
  private readonly merged = new Map<string, number>();

  constructor({ size, dim, name }: { readonly size: number; readonly dim: Expr; readonly name: string }) {
    this.size = size;
    this.dim = dim;
    this.name = name;
  }

  /** The sizes after the Reshape; undefined where it cannot be told. */
  follow({ read, made, input }: Reshaping): readonly Expr[] | undefined {
    const numbers = probes([...read, ...made]);
    const [readNumbers, madeNumbers] = [numbers.slice(0, read.length), numbers.slice(read.length)];
    const result: Expr[] = [];
    for (let i = 0, j = 0; i < read.length || j < made.length; ) {
      const [fromRead, fromMade] = [i, j];
      let before = readNumbers[i++] ?? 1;
      let after = madeNumbers[j++] ?? 1;
      while (before !== after) {
        if (before < after && i < read.length) {
          before *= readNumbers[i++]!;
        } else if (before > after && j < made.length) {
          after *= madeNumbers[j++]!;
        } else {
          return undefined;
        }
      }
      const sizes = this.run({
        read: read.slice(fromRead, i),
        input: input.slice(fromRead, i),
        made: made.slice(fromMade, j),
        readNumbers: readNumbers.slice(fromRead, i),
        madeNumbers: madeNumbers.slice(fromMade, j),
        shift: fromRead - fromMade,
      });
      if (sizes === undefined) {
        return undefined;
      }
      result.push(...sizes);
    }
    return result;
  }

  private run({ read, made, input, readNumbers, madeNumbers, shift }: Run): readonly Expr[] | undefined {
    const changed = input.flatMap((size, at) => (equal(size, read[at]!) ? [] : [at]));
    const [at, ...others] = changed;
    if (at === undefined) {
      return made;
    }
    if (others.length > 0) {
      return undefined;
    }
    const moved = input[at]!;
    const before = product(readNumbers.slice(0, at));
    const prefixes = madeNumbers.map((_, position) => product(madeNumbers.slice(0, position)));
    if (this.isMultiple(moved)) {
      return this.place({
        made,
        madeNumbers,
        prefixes,
        outer: before * this.within(moved),
        same: at + shift,
      });
    }
    // Another formula, such as n + 1, goes through as it is or not at all.
    const whole = madeNumbers.findIndex(
      (number, position) => number === readNumbers[at] && prefixes[position] === before,
    );
    return whole < 0 ? undefined : made.map((size, position) => (position === whole ? moved : size));
  }

  private place({
    made,
    madeNumbers,
    prefixes,
    outer,
    same,
  }: {
    readonly made: readonly Expr[];
    readonly madeNumbers: readonly number[];
    readonly prefixes: readonly number[];
    readonly outer: number;
    readonly same: number;
  }): readonly Expr[] | undefined {
    const places = madeNumbers.flatMap((number, position) => {
      const inside = outer / prefixes[position]!;
      return Number.isInteger(inside) && Number.isInteger(number / inside / this.size)
        ? [{ position, inside, number }]
        : [];
    });
    const own = places.filter(({ number, inside }) => number === this.size && inside === 1);
    const candidates = own.length > 0 ? own : places;
    const found = candidates.find(({ position }) => position === same) ?? candidates[0];
    const target = found && made[found.position];
    if (found === undefined || (own.length === 0 && candidates.length > 1) || typeof target !== "number") {
      return undefined;
    }
    const size = scale(this.dim, target / this.size);
    if (target !== this.size) {
      const key = this.keyOf(size);
      const known = this.merged.get(key);
      this.merged.set(key, known === undefined || known === found.inside ? found.inside : Number.NaN);
    }
    return made.map((other, position) => (position === found.position ? size : other));
  }

  private within(size: Expr): number {
    return equal(size, this.dim) ? 1 : (this.merged.get(this.keyOf(size)) ?? 1);
  }

  private isMultiple(size: Expr): boolean {
    const [term, ...rest] = coefficients(size, this.name);
    return rest.length === 0 && term?.power === 1 && typeof term.factor === "number";
  }

  private keyOf(size: Expr): string {
    return String(coefficients(size, this.name)[0]?.factor);
  }
}

/** A run of sizes before and of sizes after with the same product. */
interface Run extends Reshaping {
  readonly readNumbers: readonly number[];
  readonly madeNumbers: readonly number[];
  /** Axes before this run in what is read, less those in what is made. */
  readonly shift: number;
}

const product = (numbers: readonly number[]) => numbers.reduce((all, number) => all * number, 1);

/** Primes that no size of a model is a multiple of, by chance. */
const PRIMES = [1009, 1013, 1019, 1021, 1031, 1033];

/** Numbers for sizes, equal where the sizes are. */
function probes(sizes: readonly Expr[]): readonly number[] {
  const names = [...new Set(sizes.flatMap((size) => [...symbolsOf(size)]))];
  const values = new Map(names.map((name, i) => [name, PRIMES[i % PRIMES.length]!]));
  return sizes.map((size) => evaluate(size, values) ?? Number.NaN);
}
