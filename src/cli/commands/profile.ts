import type { Bindings } from "../../protocol/engine";
import type { ProfileOptions, ProfileResult } from "../../protocol/profiler";
import type { ProfileReport } from "../../protocol/report";
import type { CliEngine } from "../engine";
import { EXIT, type ExitCode } from "../exitCodes";
import { jsonPieces } from "../output/json";
import { problemLines } from "../output/messages";
import { printable } from "../output/printable";
import { layerTable, profileHeading } from "../output/report";
import { outputWidth } from "../output/terminal";
import { csvPieces, type ListingOptions, listedRows } from "./listing";

/** More layers than these say little of the time. */
const USUAL_TOP = 30;

export interface ProfileCommandOptions extends ProfileOptions, ListingOptions {
  readonly dim: Bindings;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly wide?: boolean;
}

/** Runs a model on this machine and prints the measured time of each layer beside its cost. */
export async function* profile(
  engine: CliEngine,
  path: string,
  options: ProfileCommandOptions,
): AsyncGenerator<string, ExitCode> {
  const summary = await engine.open(path, options.dim);
  const { dim: _dim, json, csv, wide, top, group, ...settings } = options;
  const result = await engine.api.profile(settings);
  if (json) {
    yield* jsonPieces(await profileReport(engine, result, top));
  } else if (csv) {
    yield* csvPieces(engine, options, "time");
  } else {
    for (const line of profileHeading(result)) {
      yield `${line}\n`;
    }
    yield "\n";
    const rows = await listedRows(engine, { ...options, top: top ?? USUAL_TOP }, "time");
    for (const line of layerTable({ rows, summary, profile: result, width: outputWidth(wide) })) {
      yield `${line}\n`;
    }
    for (const note of result.notes) {
      yield `note: ${printable(note)}\n`;
    }
  }
  process.stderr.write(problemLines(summary.problems));
  return EXIT.ok;
}

async function profileReport(
  engine: CliEngine,
  result: ProfileResult,
  top: number | undefined,
): Promise<ProfileReport> {
  const { model, dims, totals, layers, problems } = await engine.api.report({});
  const { revision: _revision, bindings: _bindings, nodes, ...timing } = result;
  const times = new Map(nodes.map((time) => [time.key, time]));
  const rows = await engine.rows({ group: false });
  const timed = layers.map((layer, position): ProfileReport["layers"][number] => {
    const time = times.get(rows[position]!.key);
    return {
      ...layer,
      timeMs: time?.ms ?? null,
      timeKind: time?.kind ?? "unmapped",
      ranOn: time?.provider ?? null,
      ranAs: time?.ranAs ?? null,
    };
  });
  return {
    schema: "onnxray.profile/1",
    model,
    dims,
    ...timing,
    totals,
    layers:
      top === undefined ? timed : timed.sort((a, b) => (b.timeMs ?? -1) - (a.timeMs ?? -1)).slice(0, top),
    problems,
  };
}
