import * as vscode from "vscode";
import { type OutlinePart, outlineOf } from "./outline";
import { TextIndex } from "./textIndex";

interface Known {
  readonly version: number;
  readonly index: TextIndex;
  outline?: readonly OutlinePart[];
}

/** What is known of each open text, read once for each version of it. */
export class TextIndexes implements vscode.Disposable {
  private readonly known = new Map<string, Known>();
  private readonly subscription: vscode.Disposable;

  constructor() {
    this.subscription = vscode.workspace.onDidCloseTextDocument((document) => {
      this.known.delete(document.uri.toString());
    });
  }

  of(document: vscode.TextDocument): TextIndex {
    return this.entry(document).index;
  }

  outline(document: vscode.TextDocument): readonly OutlinePart[] {
    const entry = this.entry(document);
    entry.outline ??= outlineOf(linesOf(document), entry.index.nodes);
    return entry.outline;
  }

  dispose(): void {
    this.subscription.dispose();
    this.known.clear();
  }

  private entry(document: vscode.TextDocument): Known {
    const key = document.uri.toString();
    let entry = this.known.get(key);
    if (entry === undefined || entry.version !== document.version) {
      entry = { version: document.version, index: new TextIndex(linesOf(document)) };
      this.known.set(key, entry);
    }
    return entry;
  }
}

function linesOf(document: vscode.TextDocument): readonly string[] {
  return document.getText().split(/\r?\n/);
}
