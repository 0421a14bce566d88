import * as vscode from "vscode";
import type { ActionCall } from "../../protocol/actions";
import type { Host } from "../host";

/** What lenses and quick fixes carry. */
export interface ApplyArgument {
  readonly model: string;
  readonly call: ActionCall;
}

/** Takes a fix from the text view; the edit belongs to the model's document. */
export async function applyAction(host: Host, argument: ApplyArgument): Promise<void> {
  await host.apply(vscode.Uri.parse(argument.model), [argument.call]);
}
