import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { ProfileReport } from "../../src/protocol/report";
import { tempFolder } from "../support/tempFolder";
import { type Ended, ERROR_FORM, ended, jsonOf, MODELS, onnxray, SAMPLE, start } from "./support/cli";
import { parseCsv } from "./support/csv";

const BERT = join(MODELS, "bert-torchscript.onnx");
const QUICK = ["--runs", "5", "--warmup", "1", "--threads", "1"];

describe("--json", () => {
  test("has the time of the model and of its layers", async () => {
    const report = await jsonOf<ProfileReport>(
      "profile",
      BERT,
      "-d",
      "batch=2",
      "-d",
      "sequence=7",
      ...QUICK,
    );
    expect(report).toMatchObject({
      schema: "onnxray.profile/1",
      dims: { batch: 2, sequence: 7 },
      provider: "cpu",
      runs: 5,
      totals: { macs: { value: 983_808 / 2 } },
      problems: [],
    });
    expect(report.createMs).toBeGreaterThan(0);
    expect(report.p50Ms).toBeGreaterThan(0);
    expect(report.p90Ms).toBeGreaterThanOrEqual(report.p50Ms);
    expect(report.p99Ms).toBeGreaterThanOrEqual(report.p90Ms);

    const timed = report.layers.filter(({ timeMs }) => timeMs !== null);
    expect(timed.length).toBeGreaterThan(report.layers.length / 3);
    for (const layer of timed) {
      expect(["measured", "attributed"]).toContain(layer.timeKind);
      expect(layer.ranOn).toBe("CPU");
    }
    const sum = timed.reduce((total, { timeMs }) => total + timeMs!, 0);
    expect(sum + report.unmappedMs).toBeCloseTo(report.nodesMs, 6);
    expect(report).not.toHaveProperty("revision");
  });

  test("--unfused gives every product its own time", async () => {
    const { layers } = await jsonOf<ProfileReport>("profile", BERT, ...QUICK, "--unfused");
    const products = layers.filter(({ op }) => op === "MatMul");
    expect(products).toHaveLength(16);
    expect(products.map(({ timeKind }) => timeKind)).toEqual(products.map(() => "measured"));
  });

  test("--top keeps the layers that take most time", async () => {
    const { layers } = await jsonOf<ProfileReport>("profile", BERT, ...QUICK, "--top", "4");
    const times = layers.map(({ timeMs }) => timeMs!);
    expect(times).toHaveLength(4);
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });
});

test("the table has the times, most first, and what was measured how", async () => {
  const { code, stdout, stderr } = await onnxray("profile", BERT, ...QUICK);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^cpu {2}.+ {2}batch=1 sequence=\d+\nrun +p50 [\d.]+ ms, p90/);
  expect(stdout).toContain("over 5 runs");
  const rows = stdout.match(/\d+\.\d %\n/g)!;
  expect(rows).toHaveLength(30);
  const [, head] = /\n(layer .*)\n/.exec(stdout)!;
  expect(head).toMatch(/ ms +of time$/);
  expect(stdout).toMatch(/\nall, 221 not shown /);
});

test("--csv has the times too", async () => {
  const rows = parseCsv((await onnxray("profile", BERT, ...QUICK, "--csv", "--top", "3")).stdout);
  expect(rows).toHaveLength(3);
  for (const row of rows) {
    expect(Number(row["time"])).toBeGreaterThan(0);
  }
});

test("it leaves nothing in the folders of the user and of the system", async () => {
  const home = tempFolder();
  const env = { HOME: home, USERPROFILE: home, TMPDIR: home, TEMP: home, TMP: home };
  expect(await ended(start(["profile", BERT, ...QUICK], { env }))).toMatchObject({ code: 0 });
  expect(readdirSync(home)).toEqual([]);
});

test("what onnxruntime refuses ends with 1, a line and a hint", async () => {
  const { code, stdout, stderr } = await onnxray("profile", BERT, ...QUICK, "--dim", "sequence=5000");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(ERROR_FORM);
});

describe.skipIf(process.platform !== "linux")("an interrupt", () => {
  /** Starts a measurement that takes for ever, interrupts it when its child process runs, and awaits the end. */
  async function interrupted(signal: NodeJS.Signals, wholeGroup: boolean): Promise<Ended> {
    const home = tempFolder();
    const args = ["profile", SAMPLE, "--warmup", "100000000"];
    const child = start(args, { env: { TMPDIR: home }, detached: true });
    const end = ended(child);
    const runner = await childOf(child.pid!);
    while (readdirSync(home).length === 0) {
      await sleep(20);
    }
    await sleep(300);
    expect(child.exitCode).toBeNull();
    process.kill(wholeGroup ? -child.pid! : child.pid!, signal);
    const result = await end;
    expect(readdirSync(home)).toEqual([]);
    expect(() => process.kill(runner, 0)).toThrow("ESRCH");
    return result;
  }

  test.each([
    ["Ctrl-C, which the terminal sends to every process", "SIGINT", true],
    ["a signal to the program alone", "SIGINT", false],
    ["an end that was asked for", "SIGTERM", false],
  ] as const)("by %s leaves no process and no file", async (_, signal, wholeGroup) => {
    const { code, stdout, stderr } = await interrupted(signal, wholeGroup);
    expect(stderr).toMatch(/^onnxray: [^\n]*(cancelled|interrupted)[^\n]*\n$/i);
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
  });
});

/** The process that another one starts, as soon as it is there. */
async function childOf(pid: number): Promise<number> {
  for (;;) {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    if (child !== undefined && child !== "") {
      return Number(child);
    }
    await sleep(20);
  }
}
