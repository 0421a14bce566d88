import * as vscode from "vscode";
import type { OutlinePart } from "./outline";
import type { TextIndexes } from "./textIndexes";

const OPENS = /[<({]\s*$/;
const CLOSES = /^\s*(?:>|\)(?: => \()?|})/;

/** Modules fold at the comment that names them, blocks at their brackets. */
export class TextFolding implements vscode.FoldingRangeProvider {
  private readonly indexes: TextIndexes;

  constructor(indexes: TextIndexes) {
    this.indexes = indexes;
  }

  provideFoldingRanges(document: vscode.TextDocument): vscode.FoldingRange[] {
    const ranges: vscode.FoldingRange[] = [];
    const add = ({ kind, start, end, children }: OutlinePart) => {
      if (kind !== "node" && end > start) {
        ranges.push(new vscode.FoldingRange(start, end));
      }
      children.forEach(add);
    };
    this.indexes.outline(document).forEach(add);
    return [...ranges, ...brackets(document)];
  }
}

/** Header, inputs, outputs and weights, which no outline names. */
function brackets(document: vscode.TextDocument): vscode.FoldingRange[] {
  const ranges: vscode.FoldingRange[] = [];
  const open: number[] = [];
  for (let line = 0; line < document.lineCount; line++) {
    const { text } = document.lineAt(line);
    if (CLOSES.test(text)) {
      const start = open.pop();
      if (start !== undefined && line - 1 > start && !document.lineAt(start).text.trim().startsWith("{")) {
        ranges.push(new vscode.FoldingRange(start, line - 1));
      }
    }
    if (OPENS.test(text)) {
      open.push(line);
    }
  }
  return ranges;
}
