import type { Bindings } from "../../protocol/engine";
import type { ProfileOptions, ProfileResult } from "../../protocol/profiler";
import type { CliEngine } from "../engine";
import { layerTable, profileHeading } from "../output/report";

export interface ProfileCommandOptions extends ProfileOptions {
  readonly dim: Bindings;
  readonly json?: boolean;
  readonly top?: number;
}

/** Runs a model on this machine and prints the measured time of each layer beside its cost. */
export async function profile(
  engine: CliEngine,
  path: string,
  options: ProfileCommandOptions,
): Promise<string> {
  await engine.open(path, options.dim);
  const { dim: _dim, json, top, ...settings } = options;
  const result: ProfileResult = await engine.api.profile(settings);
  if (json) {
    return JSON.stringify(
      { schema: "onnxray.profile/1", ...result, layers: (await engine.api.report({})).layers },
      null,
      2,
    );
  }
  const rows = await engine.rows({ group: false, sort: { column: "time", descending: true } }, top ?? 30);
  return [profileHeading(result), layerTable(rows), ...result.notes.map((note) => `note: ${note}`)].join(
    "\n\n",
  );
}
