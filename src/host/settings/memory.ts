import type * as vscode from "vscode";
import type { Bindings } from "../../protocol/engine";

const KEY = "onnxray.models";
/** Models remembered in one workspace; the one unused for longest is forgotten first. */
const MAX_MODELS = 100;
/** A view's state is scroll positions, sorting and folds; anything bigger is not meant to be kept. */
const MAX_VIEW_CHARS = 64 * 1024;

interface ModelMemory {
  readonly uri: string;
  readonly dims: Bindings;
  readonly views: { readonly [view: string]: unknown };
}

/** What the user chose for each model, kept in the workspace's state: dims and the state of views. */
export class Memory {
  private readonly store: vscode.Memento;
  private readonly models: Map<string, ModelMemory>;

  constructor(store: vscode.Memento) {
    this.store = store;
    this.models = new Map(store.get<ModelMemory[]>(KEY, []).map((model) => [model.uri, model]));
  }

  dims(uri: vscode.Uri): Bindings {
    return this.of(uri).dims;
  }

  views(uri: vscode.Uri): ModelMemory["views"] {
    return this.of(uri).views;
  }

  setDims(uri: vscode.Uri, dims: Bindings): void {
    this.put({ ...this.of(uri), dims });
  }

  /** Keeps a view's state, unless it is unreasonably big. */
  setView(uri: vscode.Uri, view: string, value: unknown): void {
    if ((JSON.stringify(value) ?? "").length <= MAX_VIEW_CHARS) {
      const { views, ...rest } = this.of(uri);
      this.put({ ...rest, views: { ...views, [view]: value } });
    }
  }

  private of(uri: vscode.Uri): ModelMemory {
    return this.models.get(uri.toString()) ?? { uri: uri.toString(), dims: {}, views: {} };
  }

  private put(model: ModelMemory): void {
    this.models.delete(model.uri);
    this.models.set(model.uri, model);
    for (const oldest of this.models.keys()) {
      if (this.models.size <= MAX_MODELS) {
        break;
      }
      this.models.delete(oldest);
    }
    this.store.update(KEY, [...this.models.values()]).then(undefined, () => {});
  }
}
