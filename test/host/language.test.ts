import assert from "node:assert/strict";
import * as vscode from "vscode";
import { textUriOf } from "../../src/host/text/textUri";
import { cleanUp, modelCopy, until } from "./support/vscode";

async function openedText(): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(textUriOf(await modelCopy()));
  await vscode.window.showTextDocument(document);
  return document;
}

/** Place of the n-th mention of a name, as a word of its own. */
function placeOf(document: vscode.TextDocument, name: string): vscode.Position {
  const at = document.getText().search(new RegExp(`(?<![\\w.])${name.replaceAll(".", "\\.")}(?![\\w.])`));
  assert.ok(at >= 0, `${name} is not in the text`);
  return document.positionAt(at);
}

function textOf(hovers: readonly vscode.Hover[]): string {
  return hovers
    .flatMap(({ contents }) => contents)
    .map((content) => (typeof content === "string" ? content : content.value))
    .join("\n");
}

describe("language of the text view", () => {
  afterEach(cleanUp);

  it("outlines the model by module, down to its nodes", async () => {
    const document = await openedText();
    const symbols = await until("symbols", async () => {
      const found: vscode.DocumentSymbol[] | undefined = await vscode.commands.executeCommand(
        "vscode.executeDocumentSymbolProvider",
        document.uri,
      );
      return found !== undefined && found.length > 0 && found;
    });
    const kinds = new Set<vscode.SymbolKind>();
    let nodes = 0;
    const walk = (symbol: vscode.DocumentSymbol) => {
      kinds.add(symbol.kind);
      nodes += symbol.kind === vscode.SymbolKind.Function ? 1 : 0;
      for (const child of symbol.children) {
        assert.ok(symbol.range.contains(child.range));
        walk(child);
      }
    };
    symbols.forEach(walk);
    assert.ok(kinds.has(vscode.SymbolKind.Module));
    assert.ok(nodes > 50);
  });

  it("leads from a reader to where a value is declared, and to all that read it", async () => {
    const document = await openedText();
    const declared = placeOf(document, "attention_mask");
    const references: vscode.Location[] = await vscode.commands.executeCommand(
      "vscode.executeReferenceProvider",
      document.uri,
      declared,
    );
    const reader = references.find(({ range }) => range.start.line !== declared.line);
    assert.ok(reader !== undefined);
    const [definition]: vscode.Location[] = await vscode.commands.executeCommand(
      "vscode.executeDefinitionProvider",
      document.uri,
      reader.range.start,
    );
    assert.equal(definition?.range.start.line, declared.line);
    assert.equal(document.getText(definition.range), "attention_mask");
  });

  it("says on hovering what a node costs and what a weight holds", async () => {
    const document = await openedText();
    const line = document
      .getText()
      .split("\n")
      .findIndex((text) => /= MatMul/.test(text));
    const hoverAt = async (position: vscode.Position) =>
      textOf(await vscode.commands.executeCommand("vscode.executeHoverProvider", document.uri, position));
    const operator = document.lineAt(line).text.indexOf("= MatMul") + 2;
    assert.match(await hoverAt(new vscode.Position(line, operator)), /MACs = [\d,]+ = \d/);
    const weight = /\(([^,]+), (\S+)\)/.exec(document.lineAt(line).text)?.[2] ?? "";
    const at = document.lineAt(line).text.lastIndexOf(weight);
    assert.match(await hoverAt(new vscode.Position(line, at + 1)), /a weight.*mean/s);
  });

  it("folds modules and blocks", async () => {
    const document = await openedText();
    const ranges: vscode.FoldingRange[] = await vscode.commands.executeCommand(
      "vscode.executeFoldingRangeProvider",
      document.uri,
    );
    const starts = new Set(ranges.map(({ start }) => start));
    const modules = document
      .getText()
      .split("\n")
      .flatMap((text, line) => (/^ {2}\/\/ /.test(text) ? [line] : []));
    assert.ok(modules.some((line) => starts.has(line)));
    assert.ok(ranges.every(({ start, end }) => end > start && end < document.lineCount));
  });
});
