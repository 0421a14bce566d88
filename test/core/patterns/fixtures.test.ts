import { describe, expect, it } from "vitest";
import { evaluate } from "../../../src/core/expr";
import type { Dim } from "../../../src/core/facts/fact";
import type { AttentionRegion } from "../../../src/core/patterns/attention/types";
import { type Fixture, fixtures } from "../infer/fixtures";
import { pythonSize } from "./pythonSize";
import { attentionInFile } from "./support";

/** Blocks of one kind as test/fixtures/exporter/fixture.py writes them, from the model's configuration. */
interface Expected {
  readonly part: string;
  readonly blocks: number;
  readonly heads: number;
  readonly kv_heads: number;
  readonly head_dim: number;
  readonly queries: string | number;
  readonly keys: string | number;
  readonly causal: boolean;
  readonly cross: boolean;
  readonly window: number | null;
  readonly groups: string;
}

/** What the files say in which no configuration had a part: models made with onnx.helper and functions. */
const BY_HAND: { readonly [name: string]: readonly string[] } = {
  "contrib-gqa": ["4 heads of 16, 2 for keys, causal self"],
  "contrib-mha": ["4 heads of 8, 4 for keys, causal self", "4 heads of 8, 4 for keys, full cross"],
  "functions-onnxscript": ["2 heads of 4, 2 for keys, full self"],
};

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

function expectedIn({ facts }: Fixture): readonly Expected[] | undefined {
  const { attention } = facts as unknown as { readonly attention?: readonly Expected[] };
  return attention;
}

const withFacts = fixtures().flatMap((fixture) => {
  const expected = expectedIn(fixture);
  return expected === undefined ? [] : [{ ...fixture, expected }];
});

describe.each(withFacts)("$name", ({ name, path, facts, expected }) => {
  const { regions } = attentionInFile(path);

  it("has the attention that its configuration says", () => {
    const isSaid = expected.length > 0;
    const dims = facts.bindings[0]!.dims;
    // The exporter says "?" for lengths that differ; a broadcast of two images' sizes leaves ours open.
    const isSized =
      expected.every(({ queries, keys }) => queries !== "?" && keys !== "?") &&
      regions.every((region) => !wordsOf(region, dims).includes("undefined by"));
    const words = (region: AttentionRegion) => (isSaid && isSized ? wordsOf(region, dims) : found(region));
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
    expect(regions.map(words).sort()).toEqual((isSaid ? wanted : [...(BY_HAND[name] ?? [])]).sort());
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
