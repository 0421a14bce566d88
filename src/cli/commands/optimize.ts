import { readFile } from "node:fs/promises";
import type { ActionCall } from "../../protocol/actions";
import type { Bindings } from "../../protocol/engine";
import { RpcError } from "../../rpc/error";
import type { CliEngine } from "../engine";
import { bytes } from "../output/units";

export interface OptimizeOptions {
  readonly dim: Bindings;
  readonly output: string;
  readonly action?: string;
  readonly layer?: readonly string[];
  readonly recipe?: string;
  readonly json?: boolean;
}

/** Applies an action to every layer that it is offered at, or the calls of a recipe, and writes the result. */
export async function optimize(engine: CliEngine, path: string, options: OptimizeOptions): Promise<string> {
  const before = await engine.open(path, options.dim);
  const calls =
    options.recipe === undefined ? await offeredCalls(engine, options) : await readRecipe(options.recipe);
  if (calls.length === 0) {
    throw new RpcError({
      code: "usage",
      message: `There is nothing to do: ${options.action ?? "the recipe"} is offered at no layer of ${path}.`,
      hint: "onnxray inspect shows the layers; weights must be float and large.",
    });
  }
  await engine.api.apply({ calls });
  const saved = await engine.api.save({ path: options.output, copy: true });
  const after = await engine.api.summary({});
  if (options.json) {
    return JSON.stringify(
      {
        schema: "onnxray.optimize/1",
        input: path,
        output: saved.path,
        sideFiles: saved.sideFiles,
        recipe: { version: 1, actions: calls },
        weightBytes: { before: before.totals.weightBytes, after: after.totals.weightBytes },
        fileBytes: { before: before.fileBytes, after: saved.bytes },
      },
      null,
      2,
    );
  }
  return [
    `${calls.length} ${calls.length === 1 ? "change" : "changes"} applied, written to ${saved.path}`,
    `weights ${bytes(before.totals.weightBytes)} → ${bytes(after.totals.weightBytes)}, file ${bytes(before.fileBytes)} → ${bytes(saved.bytes)}`,
  ].join("\n");
}

async function offeredCalls(engine: CliEngine, options: OptimizeOptions): Promise<ActionCall[]> {
  const wanted = options.layer === undefined ? undefined : new Set(options.layer);
  const calls: ActionCall[] = [];
  const found = new Set<string>();
  for (const row of await engine.rows({ group: false })) {
    if (row.kind !== "node" || (wanted !== undefined && !wanted.has(row.name))) {
      continue;
    }
    found.add(row.name);
    if (row.offers === 0) {
      continue;
    }
    const { offers } = await engine.api.offers({ key: row.key });
    calls.push(...offers.map((offer) => offer.call).filter((call) => call.action === options.action));
  }
  const missing = [...(wanted ?? [])].filter((name) => !found.has(name));
  if (missing.length > 0) {
    throw new RpcError({
      code: "usage",
      message: `There is no layer named ${missing.join(", ")}.`,
      hint: "onnxray inspect prints the names.",
    });
  }
  return calls;
}

async function readRecipe(path: string): Promise<ActionCall[]> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, "utf8"));
  } catch (thrown) {
    throw new RpcError({
      code: "usage",
      message: `The recipe ${path} cannot be read: ${(thrown as Error).message}`,
    });
  }
  const { version, actions } = (parsed ?? {}) as { version?: unknown; actions?: unknown };
  if (version !== 1 || !Array.isArray(actions) || !actions.every(isActionCall)) {
    throw new RpcError({
      code: "usage",
      message: `${path} is not a recipe.`,
      hint: 'A recipe is {"version": 1, "actions": [{"action": …, "target": {"output": …}, "params": {…}}]}.',
    });
  }
  return actions;
}

function isActionCall(value: unknown): value is ActionCall {
  const call = value as Partial<ActionCall> | null;
  return (
    typeof call === "object" &&
    call !== null &&
    typeof call.action === "string" &&
    typeof call.target?.output === "string" &&
    typeof call.params === "object" &&
    call.params !== null
  );
}
