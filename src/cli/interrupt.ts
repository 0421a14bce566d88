const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Ctrl-C as cancellation, while something runs that must tidy up: a child process, a half-written file. At all other
 * times the system ends this process at once, which an own handler could only delay. So does a second signal.
 */
export class Interrupt {
  private readonly controller = new AbortController();

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    const stop = () => {
      forget();
      this.controller.abort();
    };
    const forget = () => {
      for (const name of SIGNALS) {
        process.off(name, stop);
      }
    };
    for (const name of SIGNALS) {
      process.once(name, stop);
    }
    try {
      return await work();
    } finally {
      forget();
    }
  }
}
