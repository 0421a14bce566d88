import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { nest, uncovered } from "../../src/profiler/nesting";
import { parseTrace, readTrace } from "../../src/profiler/trace";

interface Recorded {
  readonly cat: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
}

/** Traces of three runs that onnxruntime 1.30 wrote, cut to the arguments that tell nodes apart. */
function recorded(name: string): { readonly text: string; readonly events: readonly Recorded[] } {
  const text = readFileSync(join(import.meta.dirname, "traces", `${name}.json`), "utf8");
  return { text, events: JSON.parse(text) as Recorded[] };
}

/** Total length in milliseconds of the events of one name after the first run, for one run. */
function lengthOf(events: readonly Recorded[], name: string): number {
  const [, ...runs] = events.filter((event) => event.name === "model_run");
  const counted = events.filter(
    (event) => event.name === name && runs.some(({ ts, dur }) => event.ts >= ts && event.ts <= ts + dur),
  );
  return counted.reduce((sum, { dur }) => sum + dur, 0) / 1000 / runs.length;
}

const msOf = (trace: ReturnType<typeof readTrace>) => trace.reduce((sum, { ms }) => sum + ms, 0);

describe("a trace of the processor", () => {
  it("gives each node its mean time without the warm-up runs, in order of execution", () => {
    const { text, events } = recorded("nameless-cpu");
    const trace = readTrace(parseTrace(text), 1);
    expect(trace.map(({ name }) => name)).toEqual([
      "MatMul_0",
      "MatMul_1",
      "Softmax_2",
      "Softmax_3",
      "Sigmoid_4",
    ]);
    for (const { name, ms } of trace) {
      expect(ms).toBeCloseTo(lengthOf(events, `${name}_kernel_time`), 9);
    }
  });

  it("takes the time of a body out of its loop's, so that nothing counts twice", () => {
    const { text, events } = recorded("loop-cpu");
    const trace = readTrace(parseTrace(text), 1);
    const loop = trace.findIndex(({ op }) => op === "Loop");
    expect(trace[loop]).toMatchObject({ name: "lp", parent: -1 });
    expect(trace.filter(({ parent }) => parent === loop).map(({ op }) => op)).toEqual([
      "MatMul",
      "Tanh",
      "Identity",
    ]);
    expect(trace.find(({ op }) => op === "MatMul")!.ms).toBeCloseTo(lengthOf(events, "bm_kernel_time"), 9);
    expect(msOf(trace)).toBeCloseTo(lengthOf(events, "lp_kernel_time"), 9);
  });

  it("counts all runs when none is a warm-up", () => {
    const { text } = recorded("nameless-cpu");
    expect(msOf(readTrace(parseTrace(text), 0))).not.toBeCloseTo(msOf(readTrace(parseTrace(text), 1)), 6);
  });
});

describe("a trace of the GPU", () => {
  it("gives nodes the GPU's own time, also when they have no names", () => {
    const trace = readTrace(parseTrace(recorded("nameless-webgpu").text), 1);
    expect(trace.map(({ name, ms }) => [name, Math.round(ms * 1e6) / 1e6])).toEqual([
      ["MatMul_0", 1.396],
      ["MatMul_1", 1.1245],
      ["Softmax_2", 2.337],
      ["Softmax_3", 2.0015],
      ["Sigmoid_4", 0.035],
    ]);
  });

  it("does not count waiting for the GPU as work of the loop that waits", () => {
    const { text, events } = recorded("loop-webgpu");
    const trace = readTrace(parseTrace(text), 1);
    const loop = trace.find(({ op }) => op === "Loop")!;
    const product = trace.find(({ op }) => op === "MatMul")!;
    expect(product.ms).toBeGreaterThan(10 * loop.ms);
    expect(msOf(trace)).toBeLessThan(lengthOf(events, "model_run"));
  });
});

describe("intervals", () => {
  it("are nested by what lies in what", () => {
    const nested = nest([
      { start: 5, end: 6 },
      { start: 2, end: 8 },
      { start: 0, end: 10 },
      { start: 10, end: 12 },
    ]);
    expect(nested.map(({ item, parent, self }) => [item.start, parent, self])).toEqual([
      [0, -1, 4],
      [2, 0, 5],
      [5, 1, 1],
      [10, -1, 2],
    ]);
  });

  it("are nested also where cut microseconds make the inner one end last", () => {
    const nested = nest([
      { start: 10, end: 10 },
      { start: 10, end: 11 },
      { start: 18, end: 20 },
      { start: 12, end: 19 },
    ]);
    expect(nested.map(({ item, parent }) => [item.start, parent])).toEqual([
      [10, -1],
      [10, -1],
      [12, -1],
      [18, 2],
    ]);
  });

  it("leave free what others do not cover", () => {
    expect(uncovered({ start: 0, end: 10 }, [])).toBe(10);
    expect(
      uncovered({ start: 0, end: 10 }, [
        { start: 8, end: 20 },
        { start: 2, end: 5 },
        { start: 4, end: 6 },
        { start: 30, end: 40 },
      ]),
    ).toBe(4);
    expect(uncovered({ start: 3, end: 4 }, [{ start: 0, end: 10 }])).toBe(0);
  });
});
