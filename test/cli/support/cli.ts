import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export const ROOT = join(import.meta.dirname, "../../..");
export const MODELS = join(ROOT, "test/fixtures/models");
export const SAMPLE = join(ROOT, "samples/encoder.onnx");

/** Nothing that these tests ask for takes as long; a hang must fail and not block. */
const PATIENCE_MS = 60_000;

/** The program as users get it, built from the sources under test; each test process has its own. */
const folder = join(ROOT, "out", "cli-under-test", process.env["VITEST_POOL_ID"] ?? "0");
const build = (await import(pathToFileURL(join(ROOT, "scripts/build.mjs")).href)) as {
  readonly buildCommandLine: (outdir: string) => Promise<void>;
};
await build.buildCommandLine(folder);
export const PROGRAM = join(folder, "cli.cjs");

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function start(
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly detached?: boolean } = {},
): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: PATIENCE_MS,
    killSignal: "SIGKILL",
    detached: options.detached ?? false,
    env: { ...process.env, COLUMNS: "", ...options.env },
  });
}

export function ended(child: ChildProcess): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Runs the command line to its end. */
export function onnxray(...args: readonly string[]): Promise<Ended> {
  return ended(start(args));
}

/** What a command prints with `--json`; it must have ended well and said nothing else. */
export async function jsonOf<T>(...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await onnxray(...args, "--json");
  if (code !== 0 || stderr !== "") {
    throw new Error(`onnxray ${args.join(" ")} ended with ${code}: ${stderr}`);
  }
  return JSON.parse(stdout) as T;
}

/** One line that says what and one that says what to do: the form of every failure. */
export const ERROR_FORM = /^onnxray: [^\n]+\.\n {2}hint: [^\n]+\n$/;
