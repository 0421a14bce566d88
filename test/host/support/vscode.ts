import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import * as vscode from "vscode";
import type { TestApi } from "../../../src/extension";
import type { ModelSession } from "../../../src/host/engine/modelSession";
import { VIEW_TYPE } from "../../../src/host/ids";
import type { ActionCall } from "../../../src/protocol/actions";

const EXTENSION = "onnxray.onnxray";

/** The extension's own objects; it hands them out only to tests. */
export async function host(): Promise<TestApi> {
  const extension = vscode.extensions.getExtension<TestApi | undefined>(EXTENSION);
  const api = await extension?.activate();
  assert.ok(api !== undefined, "the extension hands nothing to tests");
  return api;
}

/** Waits until the answer is no longer undefined or false. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 10_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) {
      return answer;
    }
    assert.ok(Date.now() < end, `waited ${timeoutMs} ms in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const folders: string[] = [];

/** The sample, whose weights are large enough that fixes are offered. */
const SAMPLE = join("samples", "encoder.onnx");
export const OTHER_MODEL = join("test", "fixtures", "models", "vit.onnx");

/** A copy of a model of the project in a folder of its own. */
export async function modelCopy(model = SAMPLE): Promise<vscode.Uri> {
  const path = join(await temporaryFolder(), basename(model));
  await copyFile(join(projectFolder(), model), path);
  return vscode.Uri.file(path);
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "onnxray-host-"));
  folders.push(folder);
  return folder;
}

/** Closes every editor without asking and removes what the test made. */
export async function cleanUp(): Promise<void> {
  const { editors } = await host();
  for (const document of editors.documents) {
    if (isDirty(document.uri)) {
      await vscode.commands.executeCommand("vscode.openWith", document.uri, VIEW_TYPE);
      await vscode.commands.executeCommand("workbench.action.files.revert");
    }
  }
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  for (const folder of folders.splice(0)) {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Opens the model's editor and waits until the engine has it. */
export async function openEditor(uri: vscode.Uri): Promise<ModelSession> {
  await vscode.commands.executeCommand("vscode.openWith", uri, VIEW_TYPE);
  const { editors } = await host();
  const document = await until("the document", () => editors.document(uri));
  await until("the engine's answer", () => document.session.state.kind !== "loading");
  return document.session;
}

/** What is offered at the nodes of the model, in row order. */
export async function offeredCalls(session: ModelSession, count: number): Promise<ActionCall[]> {
  const { rows } = await session.read("rows", { group: false, start: 0, count: 1_000 });
  const calls: ActionCall[] = [];
  for (const row of rows.filter(({ offers }) => offers > 0)) {
    const { offers } = await session.read("offers", { key: row.key });
    calls.push(...offers.slice(0, 1).map(({ call }) => call));
    if (calls.length >= count) {
      break;
    }
  }
  assert.ok(calls.length >= count, `the fixture offers ${calls.length} fixes, ${count} are needed`);
  return calls.slice(0, count);
}

/** Whether VS Code shows the model as edited. */
export function isDirty(uri: vscode.Uri): boolean {
  return vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .some(
      ({ input, isDirty: dirty }) =>
        dirty && input instanceof vscode.TabInputCustom && input.uri.toString() === uri.toString(),
    );
}

function projectFolder(): string {
  const extension = vscode.extensions.getExtension(EXTENSION);
  assert.ok(extension !== undefined);
  return extension.extensionPath;
}
