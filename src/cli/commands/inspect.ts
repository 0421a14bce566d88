import type { Bindings } from "../../protocol/engine";
import type { InspectReport } from "../../protocol/report";
import type { LayerRow } from "../../protocol/rows";
import type { CliEngine } from "../engine";
import { layerTable, modelHeading, problemLines } from "../output/report";

export interface InspectOptions {
  readonly dim: Bindings;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly top?: number;
  readonly group?: boolean;
}

/** Prints what a model costs: a table, or JSON or CSV for programs. */
export async function inspect(engine: CliEngine, path: string, options: InspectOptions): Promise<string> {
  const summary = await engine.open(path, options.dim);
  if (options.json) {
    const report = await engine.api.report({});
    return JSON.stringify(options.top === undefined ? report : topLayers(report, options.top), null, 2);
  }
  const query = {
    group: options.group ?? false,
    ...(options.top === undefined ? {} : { sort: { column: "flops", descending: true } as const }),
  };
  if (options.csv) {
    const { text } = await engine.api.exportRows({
      query: { ...query, start: 0, count: options.top ?? Number.MAX_SAFE_INTEGER },
      format: "csv",
    });
    return text.trimEnd();
  }
  const rows: LayerRow[] = [...(await engine.rows(query, options.top))];
  return [modelHeading(summary), layerTable(rows), ...problemLines(summary.problems)].join("\n\n");
}

function topLayers(report: InspectReport, count: number): InspectReport {
  const byFlops = [...report.layers].sort((a, b) => (b.flops.value ?? -1) - (a.flops.value ?? -1));
  return { ...report, layers: byFlops.slice(0, count) };
}
