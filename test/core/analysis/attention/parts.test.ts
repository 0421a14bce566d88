import { describe, expect, test } from "vitest";
import { distinctShares, partsOf } from "../../../../src/core/analysis/attention/block";
import { countedBlocks } from "../../../../src/core/analysis/attention/branches";
import { sumOf } from "../../../../src/core/analysis/sum";
import { type Expr, evaluate, mul, symbolsOf } from "../../../../src/core/expr";
import { ATTENTION_PARTS } from "../../../../src/protocol/attention";
import { bindingsOf, fixtures } from "../../infer/fixtures";
import { attentionIn } from "./support";

const WITH_ATTENTION = fixtures().filter(
  ({ facts, name }) =>
    facts.bindings[0]?.flops.byOperator?.["aten.bmm"] !== undefined || name.startsWith("contrib-"),
);

describe.each(WITH_ATTENTION.map((fixture) => [fixture.name, fixture] as const))(
  "%s",
  (name, { path, facts }) => {
    const opened = attentionIn(path);
    const { algebra, inference, model } = opened;
    // Exporters name sizes in the middle of a model that no input has; what depends on them cannot be compared.
    const isWhole = ({ dims }: { readonly dims: object }) =>
      [...symbolsOf(algebra.model.macs)].every((name) => name in dims);

    test("the parts of a block add up to its nodes", () => {
      for (const { region, parts, whole, runs } of algebra.blocks) {
        const { roles } = region;
        const nodes = new Set(Object.values(roles).flat());
        for (const figure of ["macs", "flops"] as const) {
          const own = [...nodes].map(({ id }) => mul(inference.cost(id)[figure]!, runs.count));
          const inParts = ATTENTION_PARTS.map((part) => parts[part][figure]!);
          expect(sumOf(inParts)).toBe(sumOf(own));
          expect(whole[figure]).toBe(sumOf(own));
        }
        const moved = (exprs: readonly (Expr | undefined)[]) => sumOf(exprs.map((expr) => expr!));
        expect(moved(ATTENTION_PARTS.map((part) => parts[part].bytes))).toBe(
          moved(
            [...nodes].flatMap(({ id }) => [inference.cost(id).readBytes, inference.cost(id).writeBytes]),
          ),
        );
      }
    });

    // Experts of a mixture run as batched products, too.
    test.skipIf(/moe|mixtral/.test(name) || name.startsWith("contrib-"))(
      "scores and weighted sums are what PyTorch counts as batched products",
      () => {
        for (const recorded of facts.bindings.filter(isWhole)) {
          const bindings = bindingsOf(model, inference, recorded);
          const parts = partsOf(distinctShares(countedBlocks(inference, algebra.blocks, bindings)));
          const macs = (["scores", "weightedSum"] as const).map(
            (part) => evaluate(parts[part].macs!, bindings)!,
          );
          expect(2 * (macs[0]! + macs[1]!)).toBe(recorded.flops.byOperator!["aten.bmm"]);
        }
      },
    );

    test("the model's MACs are what PyTorch counts", () => {
      for (const recorded of [...facts.bindings, ...(facts.counted ?? [])].filter(isWhole)) {
        const bindings = new Map([
          ...inference.symbols.map((symbol) => [symbol, 1] as const),
          ...Object.entries(recorded.dims),
        ]);
        expect(2 * evaluate(algebra.model.macs, bindings)!).toBe(recorded.flops.total);
      }
    });
  },
);
