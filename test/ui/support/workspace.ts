import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { root } from "./setup";

/** A folder of copies that a window may change. */
export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), "onnxray-ui-"));

  /** @param models files of the project, with their side files named too */
  constructor(models: readonly string[]) {
    for (const model of models) {
      cpSync(join(root, model), this.path(basename(model)));
    }
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, content: string | Uint8Array): void {
    writeFileSync(this.path(name), content);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
