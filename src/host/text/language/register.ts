import * as vscode from "vscode";
import { TEXT_LANGUAGE, TEXT_SCHEME } from "../../ids";
import type { TextModels } from "../textModels";
import { TextFolding } from "./folding";
import { TextHover } from "./hover";
import { TextLinks } from "./links";
import { TextSymbols } from "./symbols";
import { TextIndexes } from "./textIndexes";

/** What VS Code can tell of ONNX text: of files as well as of text views; costs only of text views, which have a model behind them. */
export function registerLanguage(models: TextModels): vscode.Disposable {
  const indexes = new TextIndexes();
  const links = new TextLinks(indexes);
  const anywhere: vscode.DocumentSelector = { language: TEXT_LANGUAGE };
  const views: vscode.DocumentSelector = { scheme: TEXT_SCHEME, language: TEXT_LANGUAGE };
  return vscode.Disposable.from(
    indexes,
    vscode.languages.registerDocumentSymbolProvider(anywhere, new TextSymbols(indexes), { label: "Modules" }),
    vscode.languages.registerFoldingRangeProvider(anywhere, new TextFolding(indexes)),
    vscode.languages.registerDefinitionProvider(anywhere, links),
    vscode.languages.registerReferenceProvider(anywhere, links),
    vscode.languages.registerDocumentHighlightProvider(anywhere, links),
    vscode.languages.registerHoverProvider(views, new TextHover(models, indexes)),
  );
}
