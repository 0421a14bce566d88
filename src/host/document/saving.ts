import * as vscode from "vscode";
import type { SaveParams, SaveResult } from "../../protocol/engine";
import type { ModelSession } from "../engine/modelSession";
import { withLongTask } from "../progress";

/** Saves with progress and a cancel button, and tells the user what is to be known of the result. */
export async function saveWithProgress(
  session: ModelSession,
  params: SaveParams,
  token?: vscode.CancellationToken,
): Promise<SaveResult> {
  const task = { title: `Saving ${session.fileName}`, ...(token === undefined ? {} : { token }) };
  const saved = await withLongTask(task, async (signal, report) => {
    const subscription = session.onEngineEvent(({ event, payload }) => {
      if (event === "saveProgress" && payload.bytesTotal > 0) {
        report(payload.bytesDone / payload.bytesTotal);
      }
    });
    try {
      return await session.save(params, signal);
    } finally {
      subscription.dispose();
    }
  });
  for (const { message } of saved.notes) {
    vscode.window.showInformationMessage(message).then(undefined, () => {});
  }
  return saved;
}
