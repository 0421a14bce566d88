import * as vscode from "vscode";
import { registerCommands } from "./host/commands";
import { createHost, type Host } from "./host/host";

/** What tests are given to look behind the scenes; users of the extension get nothing. */
export type TestApi = Host;

export function activate(context: vscode.ExtensionContext): TestApi | undefined {
  const inTest = context.extensionMode === vscode.ExtensionMode.Test;
  const workerPath = context.asAbsolutePath("dist/engine.cjs");
  const host = createHost(context, workerPath);
  context.subscriptions.push(...registerCommands(host));
  return inTest ? host : undefined;
}
