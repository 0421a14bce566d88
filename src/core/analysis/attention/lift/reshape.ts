import { divideExact, type Expr, equal, mulAll } from "../../../expr";

/**
 * The sizes that Reshape makes of sizes in which a length stands for a number: `made` are those of the file, for the
 * input `read` of the file, `input` is the same input with the length. Sizes are compared in runs of equal product, so
 * that a length goes where its number went. Undefined where that cannot be told.
 */
export function reshaped(
  read: readonly number[],
  made: readonly number[],
  input: readonly Expr[],
): readonly Expr[] | undefined {
  const result: Expr[] = [];
  let i = 0;
  let j = 0;
  while (i < read.length || j < made.length) {
    const fromInput = i;
    const fromMade = j;
    let before = i < read.length ? read[i++]! : 1;
    let after = j < made.length ? made[j++]! : 1;
    while (before !== after) {
      if (before < after && i < read.length) {
        before *= read[i++]!;
      } else if (before > after && j < made.length) {
        after *= made[j++]!;
      } else {
        return undefined;
      }
    }
    const run = distributed(read.slice(fromInput, i), made.slice(fromMade, j), input.slice(fromInput, i));
    if (run === undefined) {
      return undefined;
    }
    result.push(...run);
  }
  return result;
}

/** One run: the product of `input` shared out among the sizes of `made`. */
function distributed(
  read: readonly number[],
  made: readonly number[],
  input: readonly Expr[],
): readonly Expr[] | undefined {
  if (input.every((size) => typeof size === "number")) {
    return made;
  }
  const total = mulAll(input);
  // A size that is kept by its place or its value takes its formula along.
  const left = input.map((size, at) => ({ size, number: read[at]! }));
  const result: (Expr | undefined)[] = made.map((number) => {
    const at = left.findIndex((one) => typeof one.size !== "number" && one.number === number);
    return at < 0 ? undefined : left.splice(at, 1)[0]!.size;
  });
  const open = result.flatMap((size, at) => (size === undefined ? [at] : []));
  const rest = divideExact(total, mulAll(result.filter((size) => size !== undefined)));
  if (rest === undefined) {
    return undefined;
  }
  const numbers = open.map((at) => made[at]!);
  if (typeof rest === "number") {
    open.forEach((at) => {
      result[at] = made[at]!;
    });
    return equal(rest, mulAll(numbers)) ? (result as Expr[]) : undefined;
  }
  // The formula can only be in one of the open sizes: the others keep their numbers.
  const fitting = open.flatMap((at) => {
    const others = mulAll(open.filter((other) => other !== at).map((other) => made[other]!));
    const size = typeof others === "number" ? divideExact(rest, others) : undefined;
    return size === undefined ? [] : [{ at, size }];
  });
  const [only] = fitting;
  if (fitting.length !== 1 || only === undefined) {
    return undefined;
  }
  return result.map((size, at) => size ?? (at === only.at ? only.size : made[at]!));
}
