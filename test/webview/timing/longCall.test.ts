import { expect, it } from "vitest";
import { LongCall } from "../../../webview/shared/timing/longCall";

function pending<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (thrown: unknown) => void;
} {
  let resolve: (value: T) => void = () => {};
  let reject: (thrown: unknown) => void = () => {};
  const promise = new Promise<T>((ok, no) => {
    resolve = ok;
    reject = no;
  });
  return { promise, resolve, reject };
}

it("tells how far it is, and what came of it", async () => {
  const call = new LongCall<number>();
  const { promise, resolve } = pending<number>();
  call.progressed(1, 2);
  expect(call.state.value).toEqual({ kind: "idle" });
  const end = call.start(() => promise);
  expect(call.state.value).toEqual({ kind: "running", done: null, total: null });
  call.progressed(1, 2);
  expect(call.state.value).toEqual({ kind: "running", done: 1, total: 2 });
  resolve(7);
  await end;
  expect(call.state.value).toEqual({ kind: "done", value: 7 });
});

it("is over at once when it is stopped, whatever comes after", async () => {
  const call = new LongCall<number>();
  const { promise, resolve } = pending<number>();
  let aborted = false;
  const end = call.start((signal) => {
    signal.addEventListener("abort", () => {
      aborted = true;
    });
    return promise;
  });
  call.cancel();
  expect(call.state.value).toEqual({ kind: "cancelled" });
  expect(aborted).toBe(true);
  resolve(7);
  await end;
  expect(call.state.value).toEqual({ kind: "cancelled" });
});

it("keeps what went wrong, and a newer call does not hear of an older one", async () => {
  const call = new LongCall<number>();
  const first = pending<number>();
  const older = call.start(() => first.promise);
  const newer = call.start(() => Promise.resolve(2));
  first.reject(new Error("gone"));
  await Promise.all([older, newer]);
  expect(call.state.value).toEqual({ kind: "done", value: 2 });
  await call.start(() => Promise.reject(new Error("gone")));
  expect(call.state.value).toMatchObject({ kind: "failed", error: { message: "gone" } });
  call.reset();
  expect(call.state.value).toEqual({ kind: "idle" });
});
