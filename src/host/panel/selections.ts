import * as vscode from "vscode";

export interface Selected {
  readonly model: vscode.Uri;
  readonly keys: readonly string[];
  /** The panel that chose; it need not be told. */
  readonly origin: object;
}

/** Rows chosen in any panel of a model, so that its other panels choose them too. */
export class Selections implements vscode.Disposable {
  private readonly chosen = new Map<string, readonly string[]>();
  private readonly emitter = new vscode.EventEmitter<Selected>();

  readonly onDidSelect = this.emitter.event;

  of(model: vscode.Uri): readonly string[] {
    return this.chosen.get(model.toString()) ?? [];
  }

  select(selected: Selected): void {
    this.chosen.set(selected.model.toString(), selected.keys);
    this.emitter.fire(selected);
  }

  /** Nobody shows the model any more. */
  forget(model: vscode.Uri): void {
    this.chosen.delete(model.toString());
  }

  dispose(): void {
    this.emitter.dispose();
  }
}
