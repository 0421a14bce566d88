import { stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join } from "node:path";
import * as vscode from "vscode";
import type { ModelSummary } from "../../protocol/engine";
import type { Sessions } from "../engine/sessions";
import { describeThrown } from "../errors";
import { onSettings, pythonLenses } from "../settings/settings";
import { totalsWords } from "../text/lensWords";
import type { ModelFigures } from "./modelFigures";
import { modelMentions } from "./modelMentions";

/** A build writes a model in many steps; lenses follow when it rests. */
const QUIET_MS = 300;

class ModelLens extends vscode.CodeLens {
  readonly model: vscode.Uri;

  constructor(range: vscode.Range, model: vscode.Uri) {
    super(range);
    this.model = model;
  }
}

/** In Python sources: what the models cost that are loaded or exported there, and the way to them. */
export class PythonLenses implements vscode.CodeLensProvider<ModelLens>, vscode.Disposable {
  private readonly figures: ModelFigures;
  private readonly changeEmitter = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable[];
  private timer: NodeJS.Timeout | undefined;

  readonly onDidChangeCodeLenses = this.changeEmitter.event;

  constructor(figures: ModelFigures, sessions: Sessions) {
    this.figures = figures;
    const soon = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.changeEmitter.fire(), QUIET_MS);
    };
    const files = vscode.workspace.createFileSystemWatcher("**/*.onnx");
    this.subscriptions = [
      files,
      files.onDidCreate(soon),
      files.onDidChange(soon),
      files.onDidDelete(soon),
      sessions.onDidOpen((session) => {
        session.onDidChangeModel(soon);
        session.onDidChangeFigures(soon);
      }),
      sessions.onDidClose(soon),
      onSettings("python", soon),
      onSettings("defaults", soon),
    ];
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<ModelLens[]> {
    if (!pythonLenses(document.uri)) {
      return [];
    }
    const mentions = modelMentions(document.getText());
    const lenses = await Promise.all(
      mentions.map(async ({ offset, path }) => {
        const model = await existing(placesOf(document.uri, path));
        const at = document.positionAt(offset);
        return model === undefined ? [] : [new ModelLens(new vscode.Range(at, at), model)];
      }),
    );
    return lenses.flat();
  }

  /** Only what is in sight is asked for. */
  async resolveCodeLens(lens: ModelLens): Promise<ModelLens> {
    const name = basename(lens.model.fsPath);
    const opens = (title: string, tooltip: string) => {
      lens.command = { command: "onnxray.openModelEditor", title, tooltip, arguments: [lens.model] };
      return lens;
    };
    try {
      const summary = await this.figures.of(lens.model);
      return opens(`${name}: ${totalsWords(summary)}`, tooltipOf(lens.model, summary));
    } catch (thrown) {
      return opens(`${name} cannot be read`, describeThrown(thrown));
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const subscription of this.subscriptions) {
      subscription.dispose();
    }
    this.changeEmitter.dispose();
  }
}

function tooltipOf(model: vscode.Uri, { dims }: ModelSummary): string {
  const sizes = dims.map(({ name, value }) => `${name} = ${value}`).join(", ");
  return `Open ${model.fsPath}${sizes === "" ? "" : `\nFigures at ${sizes}`}`;
}

/** Where a path may lead: from the source's own folder, as it is often run, and from the folders of the workspace. */
function placesOf(source: vscode.Uri, path: string): readonly string[] {
  if (isAbsolute(path)) {
    return [path];
  }
  const own = vscode.workspace.getWorkspaceFolder(source);
  const folders = vscode.workspace.workspaceFolders ?? [];
  const others = folders.filter((folder) => folder !== own);
  const roots = [...(own === undefined ? [] : [own]), ...others].map(({ uri }) => uri.fsPath);
  return [dirname(source.fsPath), ...roots].map((root) => join(root, path));
}

async function existing(places: readonly string[]): Promise<vscode.Uri | undefined> {
  for (const place of places) {
    const isFile = await stat(place).then(
      (found) => found.isFile(),
      () => false,
    );
    if (isFile) {
      return vscode.Uri.file(place);
    }
  }
  return undefined;
}
