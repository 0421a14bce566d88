import { describe, expect, it } from "vitest";
import type { ProfileResult } from "../../../src/protocol/profiler";
import { FIXTURES } from "../../support/fixtures";
import { fixturePath } from "../session/support";
import { buildProfiler, opened, recordedDims } from "./support";

const profilerPath = buildProfiler();
const models = FIXTURES.map(({ name }) => name).filter((name) => !name.includes("/"));

/** Part of the node time that must find its rows; what remains is said in `unmapped`. */
const JOINED = 0.95;

function joinedMs({ nodes }: ProfileResult): number {
  return nodes.reduce((sum, { ms }) => sum + ms, 0);
}

describe("kernels are joined to the rows of", () => {
  it.each(models)("%s", { timeout: 60_000 }, async (name) => {
    const model = opened(profilerPath, fixturePath(name), recordedDims(name));
    const result = await model.profile();
    const rows = new Set(
      model.session
        .table()
        .page({ group: false, start: 0, count: 100_000 })
        .rows.map(({ key }) => key),
    );
    expect(result.nodes.every(({ key }) => rows.has(key))).toBe(true);
    expect(new Set(result.nodes.map(({ key }) => key)).size).toBe(result.nodes.length);
    expect(joinedMs(result) + result.unmappedMs).toBeCloseTo(result.nodesMs, 9);
    expect(result.placement.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(result.nodesMs, 9);
    expect(result.unmapped.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(result.unmappedMs, 9);
    expect(joinedMs(result)).toBeGreaterThan(JOINED * result.nodesMs);
  });
});

describe("without optimisation", () => {
  it.each(["bert-torchscript", "gpt2-prefill", "llama-prefill", "resnet", "vit"])(
    "every kernel of %s is a node of its own",
    async (name) => {
      const result = await opened(profilerPath, fixturePath(name), recordedDims(name)).profile({
        unfused: true,
      });
      expect(result.unmapped).toEqual([]);
      expect(result.nodes.filter(({ kind }) => kind !== "measured")).toEqual([]);
      expect(result.nodes.some(({ ranAs }) => ranAs !== undefined)).toBe(false);
    },
  );
});
