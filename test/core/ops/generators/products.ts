import type { Random } from "../../../support/random";
import { between, coin, floats, type Generator, generators, shuffled, sizes } from "./generator";

const LETTERS = "abcdef";

/** A product of two or one operands by letters, some summed, some kept, perhaps under an ellipsis. */
function einsum(random: Random) {
  const sizeOf = new Map([...LETTERS].map((letter) => [letter, between(random, 1, 4)]));
  const pick = () =>
    shuffled(random, LETTERS.length)
      .slice(0, between(random, 1, 3))
      .map((i) => LETTERS[i] ?? "a");
  const terms = Array.from({ length: between(random, 1, 2) }, pick);
  const all = [...new Set(terms.flat())];
  const kept = shuffled(random, all.length)
    .map((i) => all[i] ?? "a")
    .filter(() => coin(random));
  const batch = coin(random) ? sizes(random, between(random, 1, 2), 3) : [];
  const dots = batch.length > 0 ? "..." : "";
  const equation = `${terms.map((term) => dots + term.join("")).join(",")}->${dots}${kept.join("")}`;
  return {
    inputs: terms.map((term) => floats(...batch, ...term.map((letter) => sizeOf.get(letter) ?? 1))),
    attributes: { equation },
  };
}

export const productGenerators: readonly Generator[] = [
  ...generators("Gemm", [7, 11, 13], (random) => {
    const [m = 1, k = 1, n = 1] = sizes(random, 3);
    const [transA, transB] = [random.below(2), random.below(2)];
    const bias = random.pick([[], [n], [1, n], [m, 1], [m, n], [1]]);
    return {
      inputs: [
        transA === 1 ? floats(k, m) : floats(m, k),
        transB === 1 ? floats(n, k) : floats(k, n),
        floats(...bias),
      ],
      attributes: {
        transA,
        transB,
        alpha: { float: random.pick([1, 2]) },
        beta: { float: random.pick([1, 2]) },
      },
    };
  }),
  ...generators("Einsum", 12, einsum),
  ...generators(
    "FusedMatMul",
    1,
    (random) => {
      const [m = 1, k = 1, n = 1] = sizes(random, 3);
      const batch = sizes(random, between(random, 0, 2), 3);
      const [transA, transB] = [random.below(2), random.below(2)];
      return {
        inputs: [
          floats(...batch, ...(transA === 1 ? [k, m] : [m, k])),
          floats(...batch, ...(transB === 1 ? [n, k] : [k, n])),
        ],
        attributes: { transA, transB, alpha: { float: 2 } },
      };
    },
    "com.microsoft",
  ),
];
