import * as vscode from "vscode";
import type { Mention } from "./textIndex";
import type { TextIndexes } from "./textIndexes";

/** Where a value or weight is made, who reads it, and all of its places marked. */
export class TextLinks
  implements vscode.DefinitionProvider, vscode.ReferenceProvider, vscode.DocumentHighlightProvider
{
  private readonly indexes: TextIndexes;

  constructor(indexes: TextIndexes) {
    this.indexes = indexes;
  }

  provideDefinition(document: vscode.TextDocument, position: vscode.Position): vscode.Location | undefined {
    const index = this.indexes.of(document);
    const name = index.at(position.line, position.character)?.name;
    const definition = name === undefined ? undefined : index.definition(name);
    return definition && new vscode.Location(document.uri, rangeOf(definition));
  }

  provideReferences(
    document: vscode.TextDocument,
    position: vscode.Position,
    { includeDeclaration }: vscode.ReferenceContext,
  ): vscode.Location[] {
    return this.mentions(document, position)
      .filter(({ defines }) => includeDeclaration || !defines)
      .map((mention) => new vscode.Location(document.uri, rangeOf(mention)));
  }

  provideDocumentHighlights(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): vscode.DocumentHighlight[] {
    return this.mentions(document, position).map(
      (mention) =>
        new vscode.DocumentHighlight(
          rangeOf(mention),
          mention.defines ? vscode.DocumentHighlightKind.Write : vscode.DocumentHighlightKind.Read,
        ),
    );
  }

  private mentions(document: vscode.TextDocument, position: vscode.Position): readonly Mention[] {
    const index = this.indexes.of(document);
    const name = index.at(position.line, position.character)?.name;
    return name === undefined ? [] : index.mentions(name);
  }
}

export function rangeOf({ line, start, end }: Mention): vscode.Range {
  return new vscode.Range(line, start, line, end);
}
