import { basename, dirname, join } from "node:path";
import * as vscode from "vscode";
import type { ActionCall } from "../../protocol/actions";
import type { Recipe } from "../../protocol/report";
import { hostError } from "../errors";
import type { Host } from "../host";
import { targetModel } from "./target";

const FILES = { "Onnxray recipe": ["json"] };

/** Writes the edits of the open model as a recipe, which the command line applies to other models too. */
export async function exportRecipe(host: Host, argument: unknown): Promise<void> {
  const model = targetModel(host, argument);
  const session = host.sessions.all.find(({ uri }) => uri.toString() === model?.toString());
  const actions = session?.edits.flatMap(({ calls }) => calls) ?? [];
  if (model === undefined || actions.length === 0) {
    void vscode.window.showInformationMessage("This model has no edits to export.");
    return;
  }
  const name = `${basename(model.fsPath).replace(/\.onnx$/i, "")}.recipe.json`;
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(join(dirname(model.fsPath), name)),
    filters: FILES,
    title: "Export Edits as a Recipe",
  });
  if (target !== undefined) {
    await writeRecipe(target, actions);
  }
}

/** @param file is replaced when it exists */
export async function writeRecipe(file: vscode.Uri, actions: readonly ActionCall[]): Promise<void> {
  const recipe: Recipe = { version: 1, actions };
  await vscode.workspace.fs.writeFile(file, Buffer.from(`${JSON.stringify(recipe, null, 2)}\n`));
}

/** Applies the calls of a recipe to the open model as one undo step. */
export async function applyRecipe(host: Host, argument: unknown): Promise<void> {
  const model = targetModel(host, argument);
  if (model === undefined) {
    return;
  }
  const [file] =
    (await vscode.window.showOpenDialog({
      defaultUri: vscode.Uri.file(dirname(model.fsPath)),
      filters: FILES,
      title: "Apply a Recipe",
      openLabel: "Apply",
    })) ?? [];
  if (file !== undefined) {
    await host.apply(model, await readRecipe(file));
  }
}

/** @throws when the file is no recipe, nor a report of `onnxray optimize --json`, which has one inside */
export async function readRecipe(file: vscode.Uri): Promise<readonly ActionCall[]> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(await vscode.workspace.fs.readFile(file)).toString("utf8"));
  } catch (thrown) {
    throw notARecipe(file, thrown instanceof Error ? thrown.message : String(thrown));
  }
  const outer = fieldsOf(parsed);
  const { version, actions } = fieldsOf(outer["recipe"] ?? parsed);
  if (version !== 1 || !isListOfCalls(actions)) {
    throw notARecipe(file, "it has no version 1 and list of actions.");
  }
  return actions;
}

function notARecipe(file: vscode.Uri, why: string) {
  return hostError({
    code: "usage",
    message: `${basename(file.fsPath)} is no recipe: ${why}`,
    hint: "Export one with Onnxray: Export Edits as a Recipe, or with onnxray optimize --json.",
  });
}

function fieldsOf(value: unknown): { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null ? (value as { readonly [key: string]: unknown }) : {};
}

function isListOfCalls(value: unknown): value is readonly ActionCall[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((one) => {
      const { action, target, params } = fieldsOf(one);
      return (
        typeof action === "string" &&
        typeof fieldsOf(target)["output"] === "string" &&
        typeof params === "object" &&
        params !== null
      );
    })
  );
}
