import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

/** Folders whose files a page may load. */
export function pageRoots(extension: vscode.Uri): vscode.Uri[] {
  return [vscode.Uri.joinPath(extension, "dist"), vscode.Uri.joinPath(extension, "media")];
}

/** The page of a panel: links to its code and style, under a policy that allows nothing else. It holds no model data. */
export function pageHtml(webview: vscode.Webview, extension: vscode.Uri, panel: string): string {
  const nonce = randomBytes(18).toString("base64");
  const url = (...path: string[]) =>
    webview.asWebviewUri(vscode.Uri.joinPath(extension, "dist", ...path)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource}`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${url("codicons", "codicon.css")}" id="vscode-codicon-stylesheet">
<link rel="stylesheet" href="${url("webview", `${panel}.css`)}">
<title>Onnxray</title>
</head>
<body data-vscode-context='{"preventDefaultContextMenuItems":true}'>
<div id="root"></div>
<script type="module" nonce="${nonce}" src="${url("webview", `${panel}.js`)}"></script>
</body>
</html>`;
}
