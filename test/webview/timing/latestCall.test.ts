import { describe, expect, it } from "vitest";
import { LatestCall } from "../../../webview/shared/timing/latestCall";
import { Resource } from "../../../webview/shared/timing/resource";

function frames() {
  const waiting: (() => void)[] = [];
  return {
    schedule: (callback: () => void) => {
      waiting.push(callback);
    },
    async next() {
      for (const callback of waiting.splice(0)) {
        callback();
      }
      await settled();
    },
    get pending() {
      return waiting.length;
    },
  };
}

const settled = () => new Promise<void>((resolve) => setTimeout(resolve));

describe("calls that follow a slider", () => {
  it("takes one wish per frame, the newest", async () => {
    const { schedule, ...clock } = frames();
    const taken: number[] = [];
    const calls = new LatestCall<number>(async (value) => {
      taken.push(value);
    }, schedule);
    for (let value = 0; value < 50; value++) {
      calls.push(value);
    }
    await clock.next();
    expect(taken).toEqual([49]);
  });

  it("never has two under way, and takes the last wish when the one under way ends, even by failing", async () => {
    const clock = frames();
    const taken: number[] = [];
    const ends: (() => void)[] = [];
    const calls = new LatestCall<number>((value) => {
      taken.push(value);
      return new Promise((_, reject) => ends.push(() => reject(new Error("failed"))));
    }, clock.schedule);
    calls.push(1);
    await clock.next();
    calls.push(2);
    calls.push(3);
    await clock.next();
    expect(taken).toEqual([1]);
    ends[0]!();
    await settled();
    await clock.next();
    expect(taken).toEqual([1, 3]);
    ends[1]!();
    await settled();
    expect(clock.pending).toBe(0);
  });
});

describe("a resource", () => {
  it("keeps the old value until the new one is there, and drops what comes too late", async () => {
    const resource = new Resource<string>();
    const answers: ((value: string) => void)[] = [];
    const signals: AbortSignal[] = [];
    const fetch = (signal: AbortSignal) => {
      signals.push(signal);
      return new Promise<string>((resolve) => answers.push(resolve));
    };
    resource.load("1", fetch);
    resource.load("1", fetch);
    expect(answers).toHaveLength(1);
    answers[0]!("first");
    await settled();
    resource.load("2", fetch);
    resource.load("3", fetch);
    expect(signals[1]!.aborted).toBe(true);
    expect(resource.value.value).toBe("first");
    answers[2]!("third");
    await settled();
    answers[1]!("second");
    await settled();
    expect(resource.value.value).toBe("third");
  });

  it("keeps a failure and tries again for the same key", async () => {
    const resource = new Resource<string>();
    resource.load("1", () => Promise.reject(new Error("gone")));
    await settled();
    expect(resource.error.value?.message).toBe("gone");
    resource.load("1", () => Promise.resolve("there"));
    await settled();
    expect(resource.error.value).toBeNull();
    expect(resource.value.value).toBe("there");
  });
});
