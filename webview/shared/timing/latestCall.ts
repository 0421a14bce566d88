/** Calls back once, later. */
export type Schedule = (callback: () => void) => void;

/**
 * Turns a stream of wishes into calls that never queue up: at most one is under way, the next begins on the frame after
 * it with the newest wish, and wishes between are dropped.
 */
export class LatestCall<T> {
  private readonly run: (wish: T) => Promise<void>;
  private readonly schedule: Schedule;
  private wish: { readonly value: T } | undefined;
  private busy = false;

  constructor(run: (wish: T) => Promise<void>, schedule: Schedule) {
    this.run = run;
    this.schedule = schedule;
  }

  push(value: T): void {
    this.wish = { value };
    this.next();
  }

  private next(): void {
    if (this.busy) {
      return;
    }
    this.busy = true;
    this.schedule(() => {
      const wish = this.wish;
      this.wish = undefined;
      const done = () => {
        this.busy = false;
        if (this.wish !== undefined) {
          this.next();
        }
      };
      if (wish === undefined) {
        done();
      } else {
        this.run(wish.value).then(done, done);
      }
    });
  }
}
