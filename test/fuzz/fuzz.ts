import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { probe } from "../support/probe";
import { Random } from "../support/random";
import { mutate } from "./mutate";
import { SMALL_SEEDS, seedModels } from "./seeds";

/** A mutated file of at most a megabyte must be through in this time on a slow machine. */
const MAX_MS = 5000;
/** Memory that one file may leave in use; the engine reads 1 GB models in less. */
const MAX_BYTES = 512 * 1024 * 1024;
/** Small models find more in the same time; real ones find what nobody thought of. */
const REAL_SHARE = 0.03;
/** The test runner wants to hear from its worker now and then. */
const RUNS_PER_TURN = 100;

export interface Failure {
  readonly seed: number;
  readonly model: string;
  readonly reason: string;
  /** Where the bytes were written, for replay. */
  readonly file: string;
}

export interface FuzzResult {
  readonly runs: number;
  readonly outcomes: ReadonlyMap<string, number>;
  readonly failures: readonly Failure[];
  /** Problems that say that an operator's rule threw: caught, but a defect all the same. */
  readonly ruleFailures: ReadonlyMap<string, number>;
  readonly slowestMs: number;
}

/**
 * Mutates models and takes each through the core until the time is over. Run `n` depends only on `seed + n`, so that
 * one failure can be had again alone.
 */
export async function fuzz(options: {
  readonly seconds: number;
  readonly seed: number;
  /** Folder for the bytes of failures. */
  readonly failures: string;
  readonly maxRuns?: number;
}): Promise<FuzzResult> {
  const seeds = seedModels();
  const outcomes = new Map<string, number>();
  const ruleFailures = new Map<string, number>();
  const failures: Failure[] = [];
  const until = performance.now() + options.seconds * 1000;
  let slowestMs = 0;
  let runs = 0;
  while (performance.now() < until && runs < (options.maxRuns ?? Number.POSITIVE_INFINITY)) {
    const seed = options.seed + runs++;
    const random = new Random(seed);
    const model =
      random.fraction() < REAL_SHARE ? random.pick(seeds) : random.pick(seeds.slice(0, SMALL_SEEDS));
    const bytes = mutate(model.bytes, random);
    const { ms, outcome, rules, reason } = attempt(bytes);
    slowestMs = Math.max(slowestMs, ms);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    for (const rule of rules) {
      ruleFailures.set(rule, (ruleFailures.get(rule) ?? 0) + 1);
    }
    if (reason !== undefined) {
      mkdirSync(options.failures, { recursive: true });
      const file = join(options.failures, `seed-${seed}.onnx`);
      writeFileSync(file, bytes);
      failures.push({ seed, model: model.name, reason, file });
    }
    if (runs % RUNS_PER_TURN === 0) {
      await nextTurn();
    }
  }
  return { runs, outcomes, failures, ruleFailures, slowestMs };
}

interface Attempt {
  readonly ms: number;
  readonly outcome: string;
  readonly rules: readonly string[];
  readonly reason: string | undefined;
}

function attempt(bytes: Uint8Array): Attempt {
  const before = process.memoryUsage();
  const started = performance.now();
  let outcome = "failed";
  let rules: string[] = [];
  let reason: string | undefined;
  try {
    const result = probe(bytes);
    outcome = result.kind === "refused" ? result.code : result.problems.length === 0 ? "clean" : "problems";
    rules =
      result.kind === "refused"
        ? []
        : result.problems.filter(({ code }) => code === "internal").map(({ message }) => message);
  } catch (thrown) {
    reason = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  }
  const ms = performance.now() - started;
  const after = process.memoryUsage();
  const grown = after.heapUsed + after.external - before.heapUsed - before.external;
  if (ms > MAX_MS) {
    reason ??= `It took ${Math.round(ms)} ms.`;
  } else if (grown > MAX_BYTES) {
    reason ??= `${grown} bytes more were in use afterwards.`;
  }
  return { ms, outcome, rules, reason };
}
