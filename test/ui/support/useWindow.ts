import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";
import { type Server, screenshotsFolder } from "./setup";
import { VscodeWindow } from "./window";
import { Workspace } from "./workspace";

export interface Used {
  readonly window: VscodeWindow;
  readonly workspace: Workspace;
}

export interface UseOptions {
  readonly server: Server;
  /** Files of the project that the window's folder has copies of. */
  readonly models: readonly string[];
  /** Content of further files by their names. */
  readonly others?: { readonly [name: string]: string };
  readonly width?: number;
  readonly height?: number;
}

/** This VS Code runs without its add-ons for logs and for watching processes, and without a marketplace. */
const KNOWN_NOISE = /bindings|watchdog|open-vsx|ERR_NAME_NOT_RESOLVED|vsda|status of 404/;

/** One window for all tests of a file, in their order. A test that fails leaves a picture and the window's errors. */
export function useWindow({ models, others, ...options }: UseOptions): Used {
  let window: VscodeWindow | undefined;
  let workspace: Workspace | undefined;
  beforeAll(async () => {
    const { data } = options.server;
    // What the window before changed, such as its theme, is not for this one.
    copyFileSync(join(data, "Machine", "settings.json"), join(data, "User", "settings.json"));
    workspace = new Workspace(models, others);
    window = await VscodeWindow.open({ ...options, folder: workspace.folder });
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail" && window !== undefined) {
      mkdirSync(screenshotsFolder, { recursive: true });
      const path = join(screenshotsFolder, `failed-${task.name.replace(/\W+/g, "-")}.png`);
      await window.page.screenshot({ path });
      const errors = [...new Set(window.errors)].filter((error) => !KNOWN_NOISE.test(error));
      console.error(`${path}\n${errors.slice(-20).join("\n")}`);
    }
  });
  afterAll(async () => {
    await window?.close();
    workspace?.remove();
  });
  return {
    get window() {
      return started(window);
    },
    get workspace() {
      return started(workspace);
    },
  };
}

function started<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new Error("The window did not open.");
  }
  return value;
}
