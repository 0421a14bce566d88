import * as vscode from "vscode";
import type { ActionCall } from "../../protocol/actions";
import type { Host } from "../host";

/** What lenses and quick fixes carry: calls that are one undo step. */
export interface ApplyArgument {
  readonly model: string;
  readonly calls: readonly ActionCall[];
}

/** Takes a fix from the text view; the edit belongs to the model's document. */
export async function applyAction(host: Host, { model, calls }: ApplyArgument): Promise<void> {
  await host.apply(vscode.Uri.parse(model), calls);
}

/** Shows what a fix would do. */
export async function previewAction(host: Host, { model, calls }: ApplyArgument): Promise<void> {
  await host.previews.show(vscode.Uri.parse(model), calls);
}

/** Takes what the preview in front shows. */
export async function applyPreview(host: Host, argument: unknown): Promise<void> {
  const uri = argument instanceof vscode.Uri ? argument : host.previews.active;
  if (uri !== undefined) {
    await host.previews.apply(uri);
  }
}
