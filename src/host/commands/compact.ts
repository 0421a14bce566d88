import { basename, dirname, join } from "node:path";
import * as vscode from "vscode";
import { saveWithProgress } from "../document/saving";
import type { ModelSession } from "../engine/modelSession";
import { hostError } from "../errors";
import type { Host } from "../host";
import { showModel } from "../open";
import { targetModel } from "./target";

/** Asks where to, and writes the model there with all its external data in one new file, unsaved edits included. */
export async function compact(host: Host, argument: unknown): Promise<void> {
  const model = targetModel(host, argument);
  if (model === undefined) {
    return;
  }
  const lease = host.sessions.acquire(model);
  try {
    const name = `${basename(model.fsPath).replace(/\.onnx$/i, "")}.compact.onnx`;
    const target = await vscode.window.showSaveDialog({
      defaultUri: vscode.Uri.file(join(dirname(model.fsPath), name)),
      filters: { "ONNX model": ["onnx"] },
      title: `Compact ${lease.session.fileName}`,
    });
    if (target !== undefined) {
      await writeCompact(lease.session, target);
      offerToOpen(model, target);
    }
  } finally {
    lease.dispose();
  }
}

/** Data files that are there already stay, whatever is written. */
export async function writeCompact(session: ModelSession, target: vscode.Uri): Promise<void> {
  await session.whenOpen();
  if (target.toString() !== session.uri.toString()) {
    await saveWithProgress(session, { path: target.fsPath, copy: true, compact: true });
    return;
  }
  if (session.unsaved?.length !== 0) {
    throw hostError({
      code: "usage",
      message: `${session.fileName} has unsaved edits.`,
      hint: "Save it first, or choose another name.",
    });
  }
  await saveWithProgress(session, { compact: true });
  if (!session.hasHistory) {
    // Its figures are those of the files as they were.
    await session.revert();
  }
}

/** The command has ended by then: whoever ran it does not wait for the user to read. */
function offerToOpen(model: vscode.Uri, target: vscode.Uri): void {
  const open = "Open";
  const isItself = target.toString() === model.toString();
  vscode.window
    .showInformationMessage(`${basename(target.fsPath)} was written.`, ...(isItself ? [] : [open]))
    .then((answer) => (answer === open ? showModel(target) : undefined))
    .then(undefined, () => {});
}
