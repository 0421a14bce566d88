import { stat } from "node:fs/promises";
import { ACTION_LIST } from "../../engine/actionList";
import type { ActionCall, Offer } from "../../protocol/actions";
import type { Bindings } from "../../protocol/engine";
import type { OptimizeReport } from "../../protocol/report";
import type { LayerRow } from "../../protocol/rows";
import { RpcError } from "../../rpc/error";
import type { CliEngine } from "../engine";
import { EXIT, type ExitCode } from "../exitCodes";
import { jsonPieces } from "../output/json";
import { noteLines, problemLines } from "../output/messages";
import { printable } from "../output/printable";
import { bytes } from "../output/units";
import { closest } from "../suggest";
import { outputPath } from "./outputPath";
import { readRecipe } from "./recipe";

export interface OptimizeOptions {
  readonly dim: Bindings;
  readonly output: string;
  readonly action: string;
  readonly layer?: readonly string[];
  readonly set?: { readonly [name: string]: string };
  readonly recipe?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Stands among the layers for what concerns all of them. */
const WHOLE_MODEL = { key: "", name: "the whole model" };

interface PlannedChange {
  readonly layer: string;
  readonly call: ActionCall;
}

/** Applies an action to every layer that it is offered at, or the calls of a recipe, and writes the result. */
export async function* optimize(
  engine: CliEngine,
  input: string,
  options: OptimizeOptions,
): AsyncGenerator<string, ExitCode> {
  const before = await engine.open(input, options.dim);
  const path = await outputPath(input, options.output, options.force ?? false);
  const changes =
    options.recipe === undefined
      ? await offeredChanges(engine, options)
      : await recipeChanges(engine, options.recipe);
  await engine.api.apply({ calls: changes.map(({ call }) => call) });
  const saved = await engine.api.save({ path, copy: true });
  const after = await engine.api.summary({});
  const report: OptimizeReport = {
    schema: "onnxray.optimize/1",
    input,
    output: saved.path,
    sideFiles: saved.sideFiles,
    notes: saved.notes,
    weightBytes: { before: before.totals.weightBytes, after: after.totals.weightBytes },
    fileBytes: { before: before.fileBytes, after: (await stat(saved.path)).size },
    changes: changes.map(({ layer, call }) => ({ layer, action: call.action, title: titleOf(call.action) })),
    recipe: { version: 1, actions: changes.map(({ call }) => call) },
  };
  if (options.json) {
    yield* jsonPieces(report);
  } else {
    yield* textLines(report);
    process.stderr.write(noteLines(saved.notes));
  }
  process.stderr.write(problemLines(after.problems));
  return EXIT.ok;
}

function* textLines({
  changes,
  output,
  sideFiles,
  weightBytes,
  fileBytes,
}: OptimizeReport): Generator<string> {
  const titles = [...new Set(changes.map(({ title }) => title))];
  for (const title of titles) {
    const layers = changes.filter((change) => change.title === title);
    yield `${title} at ${layers.length} ${layers.length === 1 ? "layer" : "layers"}:\n`;
    for (const { layer } of layers) {
      yield `  ${printable(layer)}\n`;
    }
  }
  yield `weights ${bytes(weightBytes.before)} → ${bytes(weightBytes.after)}, `;
  yield `file ${bytes(fileBytes.before)} → ${bytes(fileBytes.after)}\n`;
  yield `written to ${[output, ...sideFiles].join(", ")}\n`;
}

async function recipeChanges(engine: CliEngine, path: string): Promise<readonly PlannedChange[]> {
  const calls = await readRecipe(path);
  const names = new Map<string, string>();
  for (const { name, graph, outputs } of (await engine.api.report({})).layers) {
    for (const output of outputs) {
      names.set(JSON.stringify([graph, output.name]), name);
    }
  }
  return calls.map((call) => {
    const { graph = "", output } = call.target;
    const layer = output === "" ? WHOLE_MODEL.name : names.get(JSON.stringify([graph, output]));
    return { layer: layer ?? output, call };
  });
}

/** @throws RpcError when a layer that was named does not exist, or when the action is possible nowhere that was asked for */
async function offeredChanges(
  engine: CliEngine,
  { action, layer: wanted, set = {} }: OptimizeOptions,
): Promise<readonly PlannedChange[]> {
  const rows = await engine.rows({ group: false });
  const chosen = wanted === undefined ? [WHOLE_MODEL, ...rows] : layersNamed(wanted, rows);
  const changes: PlannedChange[] = [];
  const reasons = new Set<string>();
  for (const { key, name } of chosen) {
    const { offers, refusals } = await engine.api.offers({ key });
    const mine = offers.filter(({ call }: Offer) => call.action === action);
    changes.push(...mine.map((offer) => ({ layer: name, call: chosenCall(offer, set) })));
    for (const refusal of refusals.filter((one) => one.action === action)) {
      reasons.add(refusal.reason);
    }
  }
  if (changes.length === 0) {
    const place = wanted === undefined ? "any layer" : wanted.join(", ");
    throw new RpcError({
      code: "unsupported",
      message: `${titleOf(action)}: not possible at ${place}.`,
      hint: [...reasons].join(" ") || "Nothing there is of the kind that it takes.",
    });
  }
  return changes;
}

/** The offer's call with the parameters that were given; one that changes the interface is no matter of defaults. */
function chosenCall(
  { call, params = [], onRequest }: Offer,
  set: { readonly [name: string]: string },
): ActionCall {
  const unknown = Object.keys(set).find((name) => !params.some((param) => param.name === name));
  if (unknown !== undefined || (onRequest && Object.keys(set).length === 0)) {
    const known = params.map(({ name, title }) => `${name} (${title})`).join(", ");
    throw new RpcError({
      code: "usage",
      message:
        unknown === undefined
          ? `${titleOf(call.action)}: say what, with --set name=value.`
          : `${titleOf(call.action)} has no parameter ${unknown}.`,
      hint: known === "" ? "It has no parameters." : `Its parameters: ${known}.`,
    });
  }
  const given = Object.entries(set).map(([name, text]): [string, string | boolean] => {
    const isFlag = params.some((param) => param.name === name && param.kind === "flag");
    return [name, isFlag ? !["false", "no", "0"].includes(text) : text];
  });
  return { ...call, params: { ...call.params, ...Object.fromEntries(given) } };
}

/** The layers of that name, or all of a module of that path. */
function layersNamed(wanted: readonly string[], rows: readonly LayerRow[]): LayerRow[] {
  const chosen = new Set<LayerRow>();
  for (const name of wanted) {
    const found = rows.filter(
      (row) => row.name === name || row.path === name || row.path.startsWith(`${name}.`),
    );
    if (found.length === 0) {
      const meant = closest(name, [...new Set(rows.flatMap((row) => [row.name, row.path]))]);
      throw new RpcError({
        code: "usage",
        message: `There is no layer or module named ${name}.`,
        hint:
          meant === undefined ? "onnxray inspect --csv has the names and paths." : `Did you mean ${meant}?`,
      });
    }
    for (const row of found) {
      chosen.add(row);
    }
  }
  return [...chosen];
}

function titleOf(action: string): string {
  return ACTION_LIST.find(({ id }) => id === action)?.title ?? action;
}
