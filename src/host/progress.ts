import * as vscode from "vscode";

/** Work that ends sooner shows nothing. */
const QUIET_MS = 1_000;

export interface LongTask {
  readonly title: string;
  /** Stops the work like the notification's own button. */
  readonly token?: vscode.CancellationToken;
}

/** Reports how far the work is: 0 to 1. */
export type Report = (fraction: number) => void;

/** Runs work that may take long: a notification with progress and a cancel button appears after a second. */
export async function withLongTask<T>(
  task: LongTask,
  work: (signal: AbortSignal, report: Report) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const subscription = task.token?.onCancellationRequested(() => abort.abort());
  let fraction = 0;
  let show: ((fraction: number) => void) | undefined;
  const result = work(abort.signal, (next) => {
    fraction = next;
    show?.(next);
  });
  const timer = setTimeout(() => {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: task.title,
      cancellable: true,
    };
    vscode.window
      .withProgress(options, async (progress, token) => {
        token.onCancellationRequested(() => abort.abort());
        let shown = 0;
        show = (next) => {
          progress.report({
            increment: Math.max(0, next - shown) * 100,
            message: `${Math.floor(next * 100)} %`,
          });
          shown = Math.max(shown, next);
        };
        show(fraction);
        await result.catch(() => {});
      })
      .then(undefined, () => {});
  }, QUIET_MS);
  try {
    return await result;
  } finally {
    clearTimeout(timer);
    subscription?.dispose();
  }
}
