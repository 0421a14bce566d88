import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A running VS Code, as the harness hands it over. */
export interface Server {
  readonly port: number;
  /** Where it keeps its settings. */
  readonly data: string;
  /** Folder of the extension when it is loaded from its sources and not installed. */
  readonly development?: string;
}

export const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
export const screenshotsFolder = join(root, "out", "ui");
export const readmePictures = join(root, "media", "screenshots");
export const updatesReadmePictures = process.env["ONNXRAY_UI_UPDATE_SCREENSHOTS"] === "1";

export function browserEndpoint(): string {
  return fromHarness("ONNXRAY_UI_BROWSER");
}

/** VS Code with the extension as it was built from the sources. */
export function sourcesServer(): Server {
  return JSON.parse(fromHarness("ONNXRAY_UI_SOURCES")) as Server;
}

/** VS Code with the package that users install. */
export function installedServer(): Server {
  return JSON.parse(fromHarness("ONNXRAY_UI_INSTALLED")) as Server;
}

function fromHarness(name: string): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error("These tests need servers and a browser. Run: npm test -- --only ui");
  }
  return value;
}
