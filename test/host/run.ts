import { appendFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import Mocha from "mocha";

type Event =
  | { readonly kind: "started" | "done" }
  | { readonly kind: "passed"; readonly title: string; readonly ms: number }
  | { readonly kind: "failed"; readonly title: string; readonly error: string }
  | { readonly kind: "crashed"; readonly error: string };

/** Called by VS Code inside its extension host. Every test beside this file runs; the harness reads the events. */
export async function run(): Promise<void> {
  const path = process.env["ONNXRAY_HOST_TEST_EVENTS"];
  if (path === undefined) {
    throw new Error("ONNXRAY_HOST_TEST_EVENTS does not name the file that the harness reads.");
  }
  const tell = (event: Event) => appendFileSync(path, `${JSON.stringify(event)}\n`);
  tell({ kind: "started" });
  try {
    const failures = await runFiles(tell);
    tell({ kind: "done" });
    if (failures > 0) {
      throw new Error(`${failures} host tests failed`);
    }
  } catch (error) {
    tell({ kind: "crashed", error: inspect(error) });
    throw error;
  }
}

async function runFiles(tell: (event: Event) => void): Promise<number> {
  // The base reporter prints nothing: the harness prints, a window has nowhere to.
  const mocha = new Mocha({ ui: "bdd", timeout: 30_000, reporter: Mocha.reporters.Base, forbidOnly: true });
  for (const name of (await readdir(__dirname)).sort()) {
    if (name.endsWith(".test.cjs")) {
      mocha.addFile(join(__dirname, name));
    }
  }
  return await new Promise((resolve) => {
    mocha
      .run(resolve)
      .on("pass", (test) =>
        tell({ kind: "passed", title: test.fullTitle(), ms: Math.round(test.duration ?? 0) }),
      )
      .on("fail", (test, error) =>
        tell({ kind: "failed", title: test.fullTitle(), error: inspect(error, { depth: 4 }) }),
      );
  });
}
