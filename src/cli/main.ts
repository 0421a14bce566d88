#!/usr/bin/env node
import { CommanderError } from "commander";
import { errorDataOf } from "../rpc/error";
import { createCliEngine } from "./engine";
import { EXIT, type ExitCode, exitCodeOf } from "./exitCodes";
import { Interrupt } from "./interrupt";
import { errorLines } from "./output/messages";
import { ProgressLine } from "./output/progress";
import { BrokenPipe, print } from "./output/stdout";
import { buildProgram, type Work } from "./program";

/** Of package.json; put in by the build. */
declare const ONNXRAY_VERSION: string;

async function main(): Promise<ExitCode> {
  const interrupt = new Interrupt();
  const progress = new ProgressLine();
  let code: ExitCode = EXIT.ok;
  const run = async (work: Work, tidies: boolean) => {
    const engine = createCliEngine(interrupt.signal, progress.emit);
    const toTheEnd = () => print(work(engine), () => progress.clear());
    try {
      code = await (tidies ? interrupt.during(toTheEnd) : toTheEnd());
    } finally {
      progress.clear();
      engine.dispose();
    }
  };
  // Messages are the last thing that may fail: nobody is left to tell.
  process.stderr.on("error", () => {});
  try {
    await buildProgram(ONNXRAY_VERSION, run).parseAsync();
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
    }
    if (thrown instanceof BrokenPipe) {
      return EXIT.ok;
    }
    const error = errorDataOf(thrown);
    process.stderr.write(errorLines(error));
    return interrupt.signal.aborted ? EXIT.interrupted : exitCodeOf(error);
  }
}

void main().then((code) => {
  process.exitCode = code;
});
