import { describe, expect, it } from "vitest";
import { evaluate } from "../../../src/core/expr";
import type { Dim } from "../../../src/core/facts/fact";
import type { AttentionRegion } from "../../../src/core/patterns/attention/types";
import { type ConfiguredAttention, fixtures } from "../infer/fixtures";
import { pythonSize } from "./pythonSize";
import { attentionInFile } from "./support";

/** `groups` is how many sequences attend on their own: the batch, times the windows. */
type Expected = ConfiguredAttention & { readonly groups: string };

function kindOf(
  heads: Dim,
  headDim: Dim,
  kvHeads: Dim,
  causal: boolean | undefined,
  relation: string,
): string {
  const sees = causal === undefined ? "unknown" : causal ? "causal" : "full";
  return `${heads} heads of ${headDim}, ${kvHeads} for keys, ${sees} ${relation}`;
}

function found({ sizes, mask, relation }: AttentionRegion): string {
  return kindOf(sizes.heads, sizes.headDim, sizes.kvHeads, mask.causal, relation);
}

/** Sizes at a binding, then what else the configuration knows. */
function wordsOf(region: AttentionRegion, dims: { readonly [name: string]: number }): string {
  const at = (dim: Dim) => (dim === undefined ? "?" : evaluate(dim, new Map(Object.entries(dims))));
  const { queryLength, keyLength, batch } = region.sizes;
  return `${found(region)}; ${at(batch)} groups, ${at(queryLength)} by ${at(keyLength)}, window ${region.mask.window}`;
}

function expectedWords(kind: Expected, dims: { readonly [name: string]: number }): string {
  const at = (text: string | number) => pythonSize(text, dims);
  const own = kindOf(kind.heads, kind.head_dim, kind.kv_heads, kind.causal, kind.cross ? "cross" : "self");
  return `${own}; ${at(kind.groups)} groups, ${at(kind.queries)} by ${at(kind.keys)}, window ${kind.window ?? undefined}`;
}

describe.each(fixtures())("$name", ({ name, path, facts }) => {
  const expected = (facts.attention ?? []) as readonly Expected[];
  const { regions } = attentionInFile(path);

  it("has the attention that its configuration says", () => {
    const dims = facts.bindings[0]!.dims;
    // The exporter says "?" for lengths that differ; a broadcast of two images' sizes leaves ours open.
    const isSized =
      expected.every(({ queries, keys }) => queries !== "?" && keys !== "?") &&
      regions.every((region) => !wordsOf(region, dims).includes("undefined by"));
    const words = (region: AttentionRegion) => (isSized ? wordsOf(region, dims) : found(region));
    const wanted = expected.flatMap((kind) => {
      const own = kindOf(
        kind.heads,
        kind.head_dim,
        kind.kv_heads,
        kind.causal,
        kind.cross ? "cross" : "self",
      );
      return new Array<string>(kind.blocks).fill(isSized ? expectedWords(kind, dims) : own);
    });
    expect(regions.map(words).sort()).toEqual(wanted.sort());
  });

  it("gives each node of a block one place, and only layers several", () => {
    for (const { roles, anchor, form } of regions) {
      const { scores, softmax, weightedSum, fused, between } = roles;
      const layers = new Set([...roles.query, ...roles.key, ...roles.value, ...roles.output]);
      const placed = [...scores, ...softmax, ...weightedSum, ...fused, ...between, ...layers];
      expect(new Set(placed).size).toBe(placed.length);
      expect(form === "fused" ? fused : softmax).toContain(anchor);
    }
  });

  it("knows the layers around each block", () => {
    const missing = regions.filter(({ roles, form, relation }) => {
      const isInside = form === "fused" && roles.query.length === 0;
      return (
        !isInside && relation === "self" && [roles.query, roles.key, roles.value].some((l) => l.length === 0)
      );
    });
    expect(missing.map(({ anchor }) => anchor.name)).toEqual(WITHOUT_LAYERS[name] ?? []);
  });
});

/** Blocks on inputs as they come: a function has its weights as formal inputs, or none. */
const WITHOUT_LAYERS: { readonly [name: string]: readonly string[] } = {
  "functions-onnxscript": [expect.any(String) as string],
};
