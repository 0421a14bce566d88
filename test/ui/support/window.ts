import {
  type Browser,
  type BrowserContext,
  chromium,
  errors,
  type Frame,
  type Locator,
  type Page,
} from "playwright-core";
import { browserEndpoint, type Server } from "./setup";

const START_MS = 60_000;
const STEP_MS = 20_000;

/** Every editor's page is a frame inside of a frame that VS Code keeps for it. */
const PAGE_ROOT = "#root .page, #root main.state:not(.loading)";

export interface WindowOptions {
  readonly server: Server;
  readonly folder: string;
  readonly width?: number;
  readonly height?: number;
}

/** A window of VS Code, used as a person uses it: explorer, palette, keys and mouse. */
export class VscodeWindow {
  readonly page: Page;
  private readonly browser: Browser;
  private readonly context: BrowserContext;
  /** Errors of the window and of the pages in it: a test may look, and a failing one shows them. */
  readonly errors: string[] = [];

  private constructor(browser: Browser, context: BrowserContext, page: Page) {
    this.browser = browser;
    this.context = context;
    this.page = page;
    page.setDefaultTimeout(STEP_MS);
    page.on("console", (message) => {
      if (message.type() === "error") {
        this.errors.push(message.text());
      }
    });
    page.on("pageerror", (error) => this.errors.push(error.message));
  }

  static async open({ server, folder, width = 1280, height = 800 }: WindowOptions): Promise<VscodeWindow> {
    const browser = await chromium.connectOverCDP(browserEndpoint());
    const context = await browser.newContext({ viewport: { width, height }, reducedMotion: "reduce" });
    const page = await context.newPage();
    const window = new VscodeWindow(browser, context, page);
    await page.goto(addressOf(server, folder));
    await page.locator(".monaco-workbench").waitFor({ timeout: START_MS });
    // A file opened before the extension's editors are known would open as text; its icon comes at the same time.
    await window.explorerRows().locator(".onnx-lang-file-icon").first().waitFor({ timeout: START_MS });
    return window;
  }

  async close(): Promise<void> {
    await this.context.close();
    await this.browser.close();
  }

  explorerRows(): Locator {
    return this.page.locator(".explorer-folders-view .monaco-list-row");
  }

  /** Opens a file as a person does: a double click in the explorer. */
  async openFile(name: string): Promise<void> {
    await this.explorerRows().filter({ hasText: name }).first().dblclick();
    await this.tab(name).waitFor();
  }

  /** Opens a model and waits for its page. */
  async openModel(name: string): Promise<Frame> {
    await this.openFile(name);
    await this.tab(name).and(this.page.locator(".active")).waitFor();
    return await this.modelPage();
  }

  tab(name: string): Locator {
    return this.page.locator(`.tabs-container .tab[data-resource-name="${name}"]`);
  }

  /** Whether VS Code shows the dot of unsaved changes. */
  async isDirty(name: string): Promise<boolean> {
    const classes = (await this.tab(name).first().getAttribute("class")) ?? "";
    return classes.split(" ").includes("dirty");
  }

  async activate(name: string): Promise<void> {
    await this.tab(name).first().click();
  }

  /** Runs a command by its title in the palette. */
  async runCommand(title: string): Promise<void> {
    await until(`the command "${title}"`, async () => {
      await this.page.keyboard.press("F1");
      return await this.tryPick(title, ">");
    });
  }

  /** Chooses an entry of the list that VS Code shows, by its whole label. */
  async pick(label: string): Promise<void> {
    await until(`"${label}" in the list`, () => this.tryPick(label));
  }

  /** False when the list went away meanwhile, as it does when anything else takes the focus. */
  private async tryPick(label: string, prefix = ""): Promise<boolean> {
    const timeout = 4_000;
    const entry = this.quickPickRows().filter({ has: this.page.getByText(label, { exact: true }) });
    try {
      await this.page
        .locator(".quick-input-widget .quick-input-box input")
        .fill(`${prefix}${label}`, { timeout });
      await entry.first().click({ timeout });
      return true;
    } catch (error) {
      if (error instanceof errors.TimeoutError) {
        return false;
      }
      throw error;
    }
  }

  quickPickRows(): Locator {
    return this.page.locator(".quick-input-widget .quick-input-list .monaco-list-row");
  }

  async press(keys: string): Promise<void> {
    await this.page.keyboard.press(keys);
  }

  /**
   * The page of the model's editor that is on top.
   *
   * @param ready something of the page that must be there
   */
  async modelPage(ready: string = PAGE_ROOT): Promise<Frame> {
    return await until("the page of a model", async () => {
      for (const frame of this.page.frames()) {
        if (await isOnTop(frame, ready)) {
          return frame;
        }
      }
      return undefined;
    });
  }

  /** The text editor of a model: lines of text, and the lenses between them. */
  textEditor(): Locator {
    return this.page.locator('.editor-instance .monaco-editor[data-uri^="onnx-text:"]');
  }

  /** Scrolls the text editor to the first line that has the words, and puts the cursor there. */
  async findInText(words: string): Promise<void> {
    await this.textEditor().locator(".view-lines").click();
    await this.press("ControlOrMeta+f");
    const find = this.textEditor().locator(".find-widget textarea").first();
    await find.fill(words);
    await find.press("Enter");
    await find.press("Escape");
  }

  /** The words of a text editor's visible lines; other than in a document, spaces are non-breaking. */
  async visibleText(): Promise<string> {
    const lines = await this.textEditor().locator(".view-line").allInnerTexts();
    return lines.join("\n").replaceAll("\u00a0", " ");
  }

  lenses(): Locator {
    return this.textEditor().locator(".codelens-decoration a").filter({ visible: true });
  }

  async notifications(): Promise<string[]> {
    return await this.page.locator(".notifications-toasts .notification-list-item-message").allInnerTexts();
  }
}

/** The words of an element as they are shown, not as they stand in its source. */
export async function shownText(element: Locator): Promise<string> {
  await element.first().waitFor();
  return (await element.first().allInnerTexts()).join("\n");
}

/** Asks again until there is an answer. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  timeoutMs = STEP_MS,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) {
      return answer;
    }
    if (Date.now() > end) {
      throw new Error(`Waited ${timeoutMs} ms in vain for: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function addressOf({ port, development }: Server, folder: string): string {
  const query = new URLSearchParams({ folder });
  if (development !== undefined) {
    const remote = `vscode-remote://localhost:${port}${development}`;
    query.set("payload", JSON.stringify([["extensionDevelopmentPath", remote]]));
  }
  return `http://localhost:${port}/?${query}`;
}

/** False for frames of hidden editors, of other extensions, and for those that go away while asked. */
async function isOnTop(frame: Frame, ready: string): Promise<boolean> {
  try {
    const outer = frame.parentFrame();
    if (outer === null || outer.parentFrame() === null) {
      return false;
    }
    const element = await outer.frameElement();
    return (await element.isVisible()) && (await frame.locator(ready).count()) > 0;
  } catch {
    return false;
  }
}
