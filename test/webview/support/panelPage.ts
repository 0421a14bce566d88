import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { BROWSER_FLAGS, findBrowser } from "../../../scripts/lib/browser.mjs";
import { root } from "../../../scripts/lib/paths.mjs";
import type { PanelApi, PanelEvents } from "../../../src/protocol/panels";
import type { Handlers } from "../../../src/rpc/contract";
import { createPeer, type Peer } from "../../../src/rpc/node";

type Nothing = Record<never, never>;

const ORIGIN = "http://panel";
const NONCE = "test";
/** As strict as the policy of the real page: what it forbids there fails here. */
const POLICY = [
  "default-src 'none'",
  `script-src 'nonce-${NONCE}'`,
  `style-src ${ORIGIN}`,
  `font-src ${ORIGIN}`,
  `img-src ${ORIGIN}`,
].join("; ");

const PAGE = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<link rel="stylesheet" href="${ORIGIN}/codicons/codicon.css" id="vscode-codicon-stylesheet">
<link rel="stylesheet" href="${ORIGIN}/page.css"></head>
<body class="vscode-dark"><div id="root"></div>
<script type="module" nonce="${NONCE}" src="${ORIGIN}/page.js"></script></body></html>`;

interface Bundle {
  readonly script: string;
  readonly style: string;
}

const MODEL_EDITOR = "webview/panels/model/main.tsx";

/** A page, the Model editor's or the one of `entry`, in a real browser, with whatever answers its calls in the test's process. */
export class PanelPage {
  readonly page: Page;
  readonly peer: Peer<Nothing, Nothing, PanelEvents>;
  /** Methods that the page called, in order. */
  readonly calls: string[];
  /** What the browser complained of, violations of the policy included. */
  readonly complaints: string[];

  private constructor(parts: Pick<PanelPage, "page" | "peer" | "calls" | "complaints">) {
    this.page = parts.page;
    this.peer = parts.peer;
    this.calls = parts.calls;
    this.complaints = parts.complaints;
  }

  static async open(
    browser: Browser,
    handlers: Handlers<PanelApi>,
    entry: string = MODEL_EDITOR,
  ): Promise<PanelPage> {
    const bundle = await bundled(entry);
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(15_000);
    const calls: string[] = [];
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") {
        complaints.push(message.text());
      }
    });
    await serve(page, bundle);
    let deliver: ((message: unknown) => void) | undefined;
    await page.exposeFunction("postToTest", (text: string) => {
      const message = JSON.parse(text) as { readonly method?: string };
      if (message.method !== undefined) {
        calls.push(message.method);
      }
      deliver?.(message);
    });
    await page.addInitScript(() => {
      let state: unknown;
      const api = {
        postMessage: (message: unknown) =>
          (window as unknown as { postToTest(text: string): void }).postToTest(JSON.stringify(message)),
        getState: () => state,
        setState: (next: unknown) => {
          state = next;
        },
      };
      Object.assign(window, { acquireVsCodeApi: () => api });
    });
    const peer = createPeer<PanelApi, PanelEvents, Nothing, Nothing>(
      {
        post: (message) => {
          page
            .evaluate((text) => window.postMessage(JSON.parse(text), "*"), JSON.stringify(message))
            .catch(() => {});
        },
        listen: (listener) => {
          deliver = listener;
        },
      },
      handlers,
    );
    await page.goto(`${ORIGIN}/`);
    return new PanelPage({ page, peer, calls, complaints });
  }

  async close(): Promise<void> {
    this.peer.dispose();
    await this.page.close();
  }
}

export async function launchBrowser(): Promise<Browser> {
  const { executable, env } = await findBrowser();
  return await chromium.launch({
    executablePath: executable,
    args: BROWSER_FLAGS,
    env: { ...process.env, ...env } as Record<string, string>,
  });
}

async function serve(page: Page, { script, style }: Bundle): Promise<void> {
  await page.route(`${ORIGIN}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === "/") {
      return await route.fulfill({ contentType: "text/html", body: PAGE });
    }
    if (pathname === "/page.js") {
      return await route.fulfill({ contentType: "text/javascript", body: script });
    }
    if (pathname === "/page.css") {
      return await route.fulfill({ contentType: "text/css", body: style });
    }
    const file = join(root, "node_modules/@vscode/codicons/dist", pathname.replace("/codicons/", ""));
    return existsSync(file)
      ? await route.fulfill({ path: file, body: await readFile(file) })
      : await route.fulfill({ status: 404 });
  });
}

const bundles = new Map<string, Promise<Bundle>>();

function bundled(entry: string): Promise<Bundle> {
  const known = bundles.get(entry) ?? bundle(entry);
  bundles.set(entry, known);
  return known;
}

async function bundle(entry: string): Promise<Bundle> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir: "out",
    bundle: true,
    write: false,
    format: "esm",
    target: "es2023",
    jsx: "automatic",
    jsxImportSource: "preact",
    logLevel: "silent",
  });
  const ending = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))!.text;
  return { script: ending(".js"), style: ending(".css") };
}
