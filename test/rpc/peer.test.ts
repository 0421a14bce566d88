import { describe, expect, it } from "vitest";
import { ModelError } from "../../src/core/errors";
import { createPeer } from "../../src/rpc/node";
import { portPair } from "../../src/rpc/port";

interface Sums {
  add(params: { readonly a: number; readonly b: number }): number;
  fail(params: { readonly kind: "model" | "plain" }): number;
  wait(params: Record<string, never>): string;
  columns(params: { readonly count: number }): Float64Array;
}
interface Ticks {
  tick: { readonly n: number };
}
type Nothing = Record<never, never>;

function connect() {
  const [left, right] = portPair();
  const server = createPeer<Sums, Ticks, Nothing, Nothing>(left, {
    add: ({ a, b }) => a + b,
    fail: ({ kind }) => {
      throw kind === "model"
        ? new ModelError("truncated", "ends early", { file: "m.onnx", offset: 7 }, "copy it again")
        : new Error("boom");
    },
    wait: (_params, { signal }) =>
      new Promise((resolve) => signal.addEventListener("abort", () => resolve("cancelled"), { once: true })),
    columns: ({ count }) => Float64Array.from({ length: count }, (_, index) => index),
  });
  const client = createPeer<Nothing, Nothing, Sums, Ticks>(right, {});
  return { server, client };
}

describe("peer", () => {
  it("answers a call", async () => {
    const { client } = connect();
    expect(await client.call("add", { a: 2, b: 3 })).toBe(5);
  });

  it("carries what, where and what to do of a failure", async () => {
    const { client } = connect();
    await expect(client.call("fail", { kind: "model" })).rejects.toMatchObject({
      data: {
        code: "truncated",
        message: "ends early",
        where: { file: "m.onnx", offset: 7 },
        hint: "copy it again",
      },
    });
    await expect(client.call("fail", { kind: "plain" })).rejects.toMatchObject({
      data: { code: "internal", message: "boom" },
    });
  });

  it("passes a cancellation to the handler", async () => {
    const { client } = connect();
    const abort = new AbortController();
    const pending = client.call("wait", {}, { signal: abort.signal });
    setTimeout(() => abort.abort(), 5);
    expect(await pending).toBe("cancelled");
  });

  it("keeps typed arrays", async () => {
    const { client } = connect();
    expect(await client.call("columns", { count: 3 })).toEqual(Float64Array.of(0, 1, 2));
  });

  it("delivers events until the listener is removed", async () => {
    const { server, client } = connect();
    const seen: number[] = [];
    const subscription = client.on("tick", ({ n }) => seen.push(n));
    server.emit("tick", { n: 1 });
    await client.call("add", { a: 0, b: 0 });
    subscription.dispose();
    server.emit("tick", { n: 2 });
    await client.call("add", { a: 0, b: 0 });
    expect(seen).toEqual([1]);
  });

  it("rejects what is pending when it is disposed", async () => {
    const { client } = connect();
    const pending = client.call("wait", {});
    client.dispose();
    await expect(pending).rejects.toMatchObject({ name: "RpcError" });
    await expect(client.call("add", { a: 1, b: 1 })).rejects.toMatchObject({ name: "RpcError" });
  });
});
