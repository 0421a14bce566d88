import type * as vscode from "vscode";
import type { Port } from "../../rpc/port";

export interface Pages extends vscode.Disposable {
  /** The page is gone; what it asked for is not answered any more. */
  forget(): void;
}

/** The first call of every page that was loaded; nothing of an earlier page may answer it. */
const FIRST_CALL = "ready";

/**
 * Connects to a page that VS Code may throw away and load again at any time (hidden tabs, moves between groups).
 * A new page numbers its calls from the start, so answers to its predecessor must not reach it: each page that says
 * it is ready gets a port of its own, and the port before it falls silent.
 */
export function onPages(webview: vscode.Webview, onPage: (port: Port) => void): Pages {
  let current: { deliver?: (message: unknown) => void; live: boolean } | undefined;
  const forget = () => {
    if (current !== undefined) {
      current.live = false;
    }
    current = undefined;
  };
  const subscription = webview.onDidReceiveMessage((message: unknown) => {
    if (methodOf(message) === FIRST_CALL) {
      forget();
      const page: NonNullable<typeof current> = { live: true };
      current = page;
      onPage({
        post: (answer) => {
          if (page.live) {
            webview.postMessage(answer).then(undefined, () => {});
          }
        },
        listen: (deliver) => {
          page.deliver = deliver;
        },
      });
    }
    current?.deliver?.(message);
  });
  return { forget, dispose: () => subscription.dispose() };
}

function methodOf(message: unknown): unknown {
  return typeof message === "object" && message !== null && "method" in message ? message.method : undefined;
}
