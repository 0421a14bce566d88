import { divideExact, type Expr, equal, evaluate, mulAll, symbolsOf } from "../../../expr";

/** Sizes before and after a Reshape. */
export interface Reshaping {
  readonly read: readonly Expr[];
  readonly made: readonly Expr[];
}

/** A run of sizes before and of sizes after with the same product. */
interface Run extends Reshaping {
  /** The sizes before with the length in them. */
  readonly input: readonly Expr[];
  readonly readNumbers: readonly number[];
  readonly madeNumbers: readonly number[];
}

/**
 * The sizes that Reshape makes of `input`, which is what it reads in the file but for a length that took the place of a
 * number. Sizes are compared in runs of equal product, so that a length goes where its number went. Undefined where
 * that cannot be told.
 */
export function reshaped({ read, made }: Reshaping, input: readonly Expr[]): readonly Expr[] | undefined {
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
    const sizes = distributed({
      read: read.slice(fromRead, i),
      made: made.slice(fromMade, j),
      input: input.slice(fromRead, i),
      readNumbers: readNumbers.slice(fromRead, i),
      madeNumbers: madeNumbers.slice(fromMade, j),
    });
    if (sizes === undefined) {
      return undefined;
    }
    result.push(...sizes);
  }
  return result;
}

/** One run: the product of `input` shared out among the sizes that are made. */
function distributed({ read, made, input, readNumbers, madeNumbers }: Run): readonly Expr[] | undefined {
  // A size that goes through as it is takes its formula along.
  const changed = input.flatMap((size, at) =>
    equal(size, read[at]!) ? [] : [{ size, number: readNumbers[at]! }],
  );
  if (changed.length === 0) {
    return made;
  }
  const taken = madeNumbers.map((number): Expr | undefined => {
    const at = changed.findIndex((one) => one.number === number);
    return at < 0 ? undefined : changed.splice(at, 1)[0]!.size;
  });
  const rest = divideExact(mulAll(input), mulAll(taken.filter((size) => size !== undefined)));
  const open = made.flatMap((_, at) => (taken[at] === undefined ? [at] : []));
  const kept = (except?: number) => mulAll(open.filter((at) => at !== except).map((at) => made[at]!));
  if (rest === undefined || equal(rest, kept())) {
    return rest === undefined ? undefined : taken.map((size, at) => size ?? made[at]!);
  }
  // The formula can only be in one of the sizes that are left: the others keep theirs.
  const fitting = open.flatMap((at) => {
    const size = divideExact(rest, kept(at));
    return size === undefined ? [] : [{ at, size }];
  });
  const [only] = fitting;
  return only === undefined || fitting.length > 1
    ? undefined
    : taken.map((size, at) => size ?? (at === only.at ? only.size : made[at]!));
}

/** Primes that no size of a model is a multiple of, by chance. */
const PRIMES = [1009, 1013, 1019, 1021, 1031, 1033];

/** Numbers for sizes, equal where the sizes are. */
function probes(sizes: readonly Expr[]): readonly number[] {
  const names = [...new Set(sizes.flatMap((size) => [...symbolsOf(size)]))];
  const values = new Map(names.map((name, i) => [name, PRIMES[i % PRIMES.length]!]));
  return sizes.map((size) => evaluate(size, values) ?? Number.NaN);
}
