import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { root } from "./setup";

/** A folder of copies that a window may change. */
export class Workspace {
  private readonly parent = mkdtempSync(join(tmpdir(), "onnxray-ui-"));
  /** Its name is what the explorer and the window's title show. */
  readonly folder = join(this.parent, "models");

  /**
   * @param models files of the project, with their side files named too
   * @param others content of further files by their names
   */
  constructor(models: readonly string[], others: { readonly [name: string]: string } = {}) {
    mkdirSync(this.folder);
    for (const model of models) {
      cpSync(join(root, model), this.path(basename(model)));
    }
    for (const [name, content] of Object.entries(others)) {
      writeFileSync(this.path(name), content);
    }
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  remove(): void {
    rmSync(this.parent, { recursive: true, force: true });
  }
}
