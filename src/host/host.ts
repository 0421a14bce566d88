import * as vscode from "vscode";
import type { ActionCall } from "../protocol/actions";
import { ModelEditorProvider } from "./document/modelEditorProvider";
import { Sessions } from "./engine/sessions";
import { PYTHON_LANGUAGE, TEXT_LANGUAGE, TEXT_SCHEME, VIEW_TYPE } from "./ids";
import { editorOf, openModel, openText } from "./open";
import type { PanelServices } from "./panel/pagePanel";
import { Selections } from "./panel/selections";
import { ViewPanels } from "./panel/viewPanels";
import { ModelFigures } from "./python/modelFigures";
import { PythonLenses } from "./python/pythonLenses";
import { Memory } from "./settings/memory";
import { defaultDims } from "./settings/settings";
import { ChangePreviews } from "./text/changePreviews";
import { ModelCodeActions } from "./text/codeActions";
import { ModelCodeLenses } from "./text/codeLenses";
import { Findings } from "./text/findings";
import { registerLanguage } from "./text/language/register";
import { TextFileSystem } from "./text/textFileSystem";
import { TextModels } from "./text/textModels";
import { TypingGuard } from "./text/typingGuard";

/** Everything that lives as long as the extension does. */
export interface Host {
  readonly log: vscode.LogOutputChannel;
  readonly sessions: Sessions;
  readonly editors: ModelEditorProvider;
  readonly textModels: TextModels;
  readonly viewPanels: ViewPanels;
  readonly previews: ChangePreviews;
  /** Applies calls as one undo step of the model's document, which is opened first if need be. */
  apply(model: vscode.Uri, calls: readonly ActionCall[]): Promise<void>;
}

const pythonFiles: vscode.DocumentSelector = ["file", "vscode-notebook-cell"].map((scheme) => ({
  scheme,
  language: PYTHON_LANGUAGE,
}));

/** Builds the parts, joins them and registers them with VS Code. */
export function createHost(context: vscode.ExtensionContext, workerPath: string): Host {
  const log = vscode.window.createOutputChannel("Onnxray", { log: true });
  const memory = new Memory(context.workspaceState);
  const bindings = (uri: vscode.Uri) => ({ ...defaultDims(uri), ...memory.dims(uri) });
  const sessions = new Sessions((uri) => ({
    workerPath,
    log,
    onRecovered: (fileName) => tellRecovered(log, fileName),
    bindings: () => bindings(uri),
  }));
  const textModels = new TextModels(sessions);
  const selections = new Selections();
  const services: PanelServices = {
    extensionUri: context.extensionUri,
    log,
    memory,
    selections,
    openText: (model, key) => openText(sessions, model, key),
    openPanel: (id, model) => viewPanels.show(id, model),
  };
  const editors = new ModelEditorProvider({ ...services, sessions });
  const viewPanels = new ViewPanels(sessions, {
    ...services,
    editorOf: (model) => editorOf(editors, model),
  });
  const apply = async (model: vscode.Uri, calls: readonly ActionCall[]) => {
    const document = await openModel(editors, model);
    await document.apply(calls);
  };
  const files = new TextFileSystem(textModels, sessions);
  const findings = new Findings(sessions);
  const previews = new ChangePreviews(sessions, apply);
  const lenses = new ModelCodeLenses(textModels, sessions);
  const python = new PythonLenses(new ModelFigures({ workerPath, log, sessions, bindings }), sessions);
  const text: vscode.DocumentSelector = { scheme: TEXT_SCHEME, language: TEXT_LANGUAGE };
  context.subscriptions.push(
    log,
    sessions,
    textModels,
    editors,
    selections,
    viewPanels,
    sessions.onDidClose(({ uri }) => selections.forget(uri)),
    files,
    findings,
    lenses,
    previews,
    python,
    new TypingGuard(
      textModels,
      (model, offer) => apply(model, [offer.call]),
      (session) => findings.refreshSoon(session),
    ),
    vscode.window.registerCustomEditorProvider(VIEW_TYPE, editors, {
      supportsMultipleEditorsPerDocument: true,
    }),
    vscode.workspace.registerFileSystemProvider(TEXT_SCHEME, files, { isCaseSensitive: true }),
    vscode.languages.registerCodeLensProvider(pythonFiles, python),
    registerLanguage(textModels),
    vscode.languages.registerCodeLensProvider(text, lenses),
    vscode.languages.registerCodeActionsProvider(text, new ModelCodeActions(textModels, findings), {
      providedCodeActionKinds: ModelCodeActions.kinds,
    }),
  );
  return { log, sessions, editors, textModels, viewPanels, previews, apply };
}

function tellRecovered(log: vscode.LogOutputChannel, fileName: string): void {
  const showLog = "Show Log";
  vscode.window
    .showWarningMessage(
      `The engine stopped while working on ${fileName} and was started again. No edit was lost.`,
      showLog,
    )
    .then((answer) => (answer === showLog ? log.show() : undefined))
    .then(undefined, () => {});
}
