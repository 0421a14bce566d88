import * as vscode from "vscode";
import { describeThrown, isCancelled } from "../errors";
import type { Host } from "../host";
import { openText, showModel } from "../open";
import { disableFinding } from "../settings/settings";
import type { DisableArgument } from "../text/codeActions";
import { type ApplyArgument, applyAction, applyPreview, previewAction } from "./applyAction";
import { changeModel } from "./changeModel";
import { compact } from "./compact";
import { revealLine, runOnModel } from "./fromText";
import { PANEL_COMMANDS, runPanelCommand } from "./panelCommands";
import { quantizeWeights } from "./quantizeWeights";
import { applyRecipe, exportRecipe } from "./recipes";
import { reload } from "./reload";
import { showView } from "./showView";
import { targetModel } from "./target";

type Command = (argument: unknown) => Promise<void>;

/** Registers every command of package.json; what a command throws becomes a message with a way to the log. */
export function registerCommands(host: Host): vscode.Disposable[] {
  const commands: Record<string, Command> = {
    openAsText: async (argument) => {
      const model = targetModel(host, argument);
      if (model !== undefined) {
        await openText(host.sessions, model, rowKeyOf(argument));
      }
    },
    openModelEditor: async (argument) => {
      const model = targetModel(host, argument);
      if (model !== undefined) {
        await showModel(model);
      }
    },
    showAttention: async (argument) => showView(host, "attention", argument),
    showParameters: async (argument) => showView(host, "parameters", argument),
    applyAction: (argument) => applyAction(host, argument as ApplyArgument),
    previewAction: (argument) => previewAction(host, argument as ApplyArgument),
    disableFinding: async (argument) => {
      const { model, code } = argument as DisableArgument;
      await disableFinding(vscode.Uri.parse(model), code);
    },
    applyPreview: (argument) => applyPreview(host, argument),
    changeModel: (argument) => changeModel(host, argument),
    compact: (argument) => compact(host, argument),
    quantizeWeights: (argument) => quantizeWeights(host, argument),
    revealLine: (argument) => revealLine(host, isRow(argument) ? argument : undefined),
    undoInModel: () => runOnModel(host, "undo"),
    redoInModel: () => runOnModel(host, "redo"),
    saveModel: () => runOnModel(host, "save"),
    exportRecipe: (argument) => exportRecipe(host, argument),
    applyRecipe: (argument) => applyRecipe(host, argument),
    reload: (argument) => reload(host, argument),
    showLog: async () => host.log.show(),
  };
  for (const command of PANEL_COMMANDS) {
    commands[command] = (argument) => runPanelCommand(host, command, argument);
  }
  return Object.entries(commands).map(([name, run]) =>
    vscode.commands.registerCommand(`onnxray.${name}`, (argument: unknown) =>
      guarded(host, name, run, argument),
    ),
  );
}

async function guarded(host: Host, name: string, run: Command, argument: unknown): Promise<void> {
  try {
    await run(argument);
  } catch (thrown) {
    if (!isCancelled(thrown)) {
      const message = describeThrown(thrown);
      host.log.error(`${name}: ${message}`);
      showFailure(host, message);
    }
  }
}

/** The command has ended by then: whoever ran it does not wait for the user to read. */
function showFailure(host: Host, message: string): void {
  const showLog = "Show Log";
  vscode.window
    .showErrorMessage(message, showLog)
    .then((answer) => (answer === showLog ? host.log.show() : undefined))
    .then(undefined, () => {});
}

function rowKeyOf(argument: unknown): string | undefined {
  const key =
    typeof argument === "object" && argument !== null && "key" in argument ? argument.key : undefined;
  return typeof key === "string" ? key : undefined;
}

function isRow(argument: unknown): argument is { model: string; key: string } {
  return typeof argument === "object" && argument !== null && "model" in argument && "key" in argument;
}
