import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { infer } from "../../../src/core/infer/infer";
import { readModel } from "../../../src/core/model/reader";
import { TensorReader } from "../../../src/core/tensor/reader";
import { fixtures } from "./fixtures";
import { repeated } from "./repeat";

test.each(["bert-torchscript", "llama-decode"])("20,000 nodes of %s", (name) => {
  const path = fixtures().find((fixture) => fixture.name === name)?.path ?? "";
  const bytes = readFileSync(path);
  const source = {
    name: path,
    size: bytes.length,
    read: (offset: number, into: Uint8Array) => void into.set(bytes.subarray(offset, offset + into.length)),
  };
  const small = readModel(source);
  const reader = new TensorReader(source, { open: () => source });
  const model = repeated(small, Math.ceil(20_000 / small.graph.nodes.length));
  const times: number[] = [];
  for (let run = 0; run < 5; run++) {
    const started = performance.now();
    infer(model, { readSmall: (tensor) => reader.small(tensor, 256) });
    times.push(performance.now() - started);
  }
  console.log(
    `${name}: ${times.map((time) => time.toFixed(0)).join(", ")} ms for ${model.graph.nodes.length} nodes`,
  );
  // The aim is 300 ms; a loaded machine gets room.
  expect(Math.min(...times)).toBeLessThan(1000);
});
