import type { Bindings } from "../../protocol/engine";
import type { InspectReport, LayerReport, ModuleReport } from "../../protocol/report";
import type { LayerRow } from "../../protocol/rows";
import type { CliEngine } from "../engine";
import { EXIT, type ExitCode } from "../exitCodes";
import { jsonPieces } from "../output/json";
import { problemLines } from "../output/messages";
import { layerTable, modelHeading, peakLine } from "../output/report";
import { outputWidth } from "../output/terminal";
import { attention } from "./attention";
import { csvPieces, type ListingOptions, listedRows } from "./listing";
import { parameters } from "./parameters";

export interface InspectOptions extends ListingOptions {
  readonly dim: Bindings;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly wide?: boolean;
  readonly parameters?: boolean;
  readonly copies?: boolean;
  readonly tensor?: string;
  readonly attention?: boolean;
}

/** Prints what a model costs: a table, or JSON or CSV for programs. Fails when the model is not whole. */
export async function* inspect(
  engine: CliEngine,
  path: string,
  options: InspectOptions,
): AsyncGenerator<string, ExitCode> {
  const summary = await engine.open(path, options.dim);
  if (options.attention) {
    yield* attention(engine, summary, options);
  } else if (options.parameters || options.tensor !== undefined) {
    yield* parameters(engine, summary, options);
  } else if (options.json) {
    yield* jsonPieces(await jsonReport(engine, options));
  } else if (options.csv) {
    yield* csvPieces(engine, options, "flops");
  } else {
    for (const line of modelHeading(summary)) {
      yield `${line}\n`;
    }
    yield `${peakLine((await engine.api.overview({})).peak)}\n\n`;
    const rows = await listedRows(engine, options, "flops");
    for (const line of layerTable({ rows, summary, width: outputWidth(options.wide) })) {
      yield `${line}\n`;
    }
  }
  process.stderr.write(problemLines(summary.problems));
  return summary.problems.some(({ severity }) => severity === "error") ? EXIT.failed : EXIT.ok;
}

async function jsonReport(engine: CliEngine, { top, group }: InspectOptions): Promise<InspectReport> {
  const { layers, problems, ...report } = await engine.api.report({});
  const modules = group ? (await engine.rows({ group })).filter((row) => row.kind === "module") : undefined;
  return {
    ...report,
    ...(modules === undefined ? {} : { modules: modules.map(moduleReport) }),
    layers: top === undefined ? layers : mostFlops(layers, top),
    problems,
  };
}

function mostFlops(layers: readonly LayerReport[], count: number): LayerReport[] {
  return [...layers].sort((a, b) => (b.flops.value ?? -1) - (a.flops.value ?? -1)).slice(0, count);
}

function moduleReport(row: LayerRow): ModuleReport {
  const { path, nodes, params, weightBytes, macs, flops, readBytes, writeBytes, share, trust, unknownNodes } =
    row;
  return { path, nodes, params, weightBytes, macs, flops, readBytes, writeBytes, share, trust, unknownNodes };
}
