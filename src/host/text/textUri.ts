import type * as vscode from "vscode";
import { TEXT_SCHEME } from "../ids";

const SUFFIX = ".onnxtxt";

/** Address of a model's text view; its last part is what the tab shows. */
export function textUriOf(model: vscode.Uri): vscode.Uri {
  return model.with({ scheme: TEXT_SCHEME, path: `${model.path}${SUFFIX}` });
}

/** The model behind a text view; undefined for any other address. */
export function modelUriOf(text: vscode.Uri): vscode.Uri | undefined {
  return text.scheme === TEXT_SCHEME && text.path.endsWith(SUFFIX)
    ? text.with({ scheme: "file", path: text.path.slice(0, -SUFFIX.length) })
    : undefined;
}
