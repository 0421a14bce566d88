import * as vscode from "vscode";
import type { OutlinePart } from "./outline";
import type { TextIndexes } from "./textIndexes";

const KINDS: Record<OutlinePart["kind"], vscode.SymbolKind> = {
  graph: vscode.SymbolKind.Namespace,
  module: vscode.SymbolKind.Module,
  node: vscode.SymbolKind.Function,
};

/** Outline, breadcrumbs and sticky scroll by module. */
export class TextSymbols implements vscode.DocumentSymbolProvider {
  private readonly indexes: TextIndexes;

  constructor(indexes: TextIndexes) {
    this.indexes = indexes;
  }

  provideDocumentSymbols(document: vscode.TextDocument): vscode.DocumentSymbol[] {
    return this.indexes.outline(document).map((part) => symbolOf(document, part));
  }
}

function symbolOf(document: vscode.TextDocument, part: OutlinePart): vscode.DocumentSymbol {
  const first = document.lineAt(part.start).range;
  const whole = new vscode.Range(first.start, document.lineAt(part.end).range.end);
  const symbol = new vscode.DocumentSymbol(part.label || " ", part.detail, KINDS[part.kind], whole, first);
  symbol.children = part.children.map((child) => symbolOf(document, child));
  return symbol;
}
