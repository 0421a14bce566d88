import * as vscode from "vscode";
import type { ActionCall, ParamSpec } from "../../protocol/actions";
import { askParams } from "../forms/askParams";
import type { Host } from "../host";

/** What lenses and quick fixes carry: calls that are one undo step. */
export interface ApplyArgument {
  readonly model: string;
  readonly calls: readonly ActionCall[];
  /** What the user is asked first; the answers hold for all calls. */
  readonly form?: { readonly title: string; readonly specs: readonly ParamSpec[] };
}

/** Takes a fix from the text view; the edit belongs to the model's document. */
export async function applyAction(host: Host, argument: ApplyArgument): Promise<void> {
  const calls = await asked(argument);
  if (calls !== undefined) {
    await host.apply(vscode.Uri.parse(argument.model), calls);
  }
}

/** Shows what a fix would do. */
export async function previewAction(host: Host, argument: ApplyArgument): Promise<void> {
  const calls = await asked(argument);
  if (calls !== undefined) {
    await host.previews.show(vscode.Uri.parse(argument.model), calls);
  }
}

/** Takes what the preview in front shows. */
export async function applyPreview(host: Host, argument: unknown): Promise<void> {
  const uri = argument instanceof vscode.Uri ? argument : host.previews.active;
  if (uri !== undefined) {
    await host.previews.apply(uri);
  }
}

async function asked({ calls, form }: ApplyArgument): Promise<readonly ActionCall[] | undefined> {
  if (form === undefined) {
    return calls;
  }
  const params = await askParams(form.title, form.specs, calls[0]?.params ?? {});
  return params && calls.map((call) => ({ ...call, params: { ...call.params, ...params } }));
}
