import type { ModelSummary, SaveResult } from "../../protocol/engine";
import type { CompactReport } from "../../protocol/report";
import type { CliEngine } from "../engine";
import { EXIT, type ExitCode } from "../exitCodes";
import { jsonPieces } from "../output/json";
import { noteLines, problemLines } from "../output/messages";
import { bytes } from "../output/units";
import { outputPath } from "./outputPath";

export interface CompactOptions {
  readonly output: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Writes a model with all its external data in one new file, which has nothing that no tensor uses. */
export async function* compact(
  engine: CliEngine,
  input: string,
  options: CompactOptions,
): AsyncGenerator<string, ExitCode> {
  const before = await engine.open(input, {});
  const path = await outputPath(input, options.output, options.force ?? false);
  const saved = await engine.api.save({ path, copy: true, compact: true });
  const after = await engine.open(saved.path, {});
  const report = reportOf(input, saved, before, after);
  if (options.json) {
    yield* jsonPieces(report);
  } else {
    yield* textLines(report);
    process.stderr.write(noteLines(saved.notes));
  }
  process.stderr.write(problemLines(after.problems));
  return EXIT.ok;
}

function reportOf(
  input: string,
  { path, sideFiles, notes }: SaveResult,
  before: ModelSummary,
  after: ModelSummary,
): CompactReport {
  return {
    schema: "onnxray.compact/1",
    input,
    output: path,
    sideFiles,
    fileBytes: { before: before.fileBytes, after: after.fileBytes },
    externalBytes: { before: before.externalBytes, after: after.externalBytes },
    notes,
  };
}

function* textLines({ output, sideFiles, fileBytes, externalBytes }: CompactReport): Generator<string> {
  yield externalBytes.before === 0
    ? "the model has no external data: the copy is the same\n"
    : `external data ${bytes(externalBytes.before)} → ${bytes(externalBytes.after)}, file ${bytes(fileBytes.before)} → ${bytes(fileBytes.after)}\n`;
  yield `written to ${[output, ...sideFiles].join(", ")}\n`;
}
