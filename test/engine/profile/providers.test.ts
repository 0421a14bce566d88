import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { listProviders } from "../../../src/engine/profile/providers";
import { rejected } from "../../support/caught";
import { tempFolder } from "../../support/tempFolder";
import { fixturePath } from "../session/support";
import { buildProfiler, opened, recordedDims, useSoftwareGpu } from "./support";

const profilerPath = buildProfiler();
const never = new AbortController().signal;

describe("providers", () => {
  it("have the processor among them, and are found once", async () => {
    const providers = await listProviders(profilerPath, never);
    expect(providers.find(({ id }) => id === "cpu")).toMatchObject({
      title: "CPU",
      available: true,
      detail: expect.stringMatching(/logical cores$/),
    });
    expect(await listProviders(profilerPath, never)).toBe(providers);
  });

  it("that are not available say why and what they need", async () => {
    const providers = await listProviders(profilerPath, never);
    for (const { available, detail } of providers) {
      expect(available || /needs/.test(detail)).toBe(true);
    }
    const cuda = providers.find(({ id }) => id === "cuda");
    if (cuda?.available === false) {
      expect(cuda.detail).toMatch(/CUDA/);
    }
    expect(process.platform !== "linux" || cuda !== undefined).toBe(true);
  });

  it("whose driver crashes take no other one with them", async () => {
    const path = join(tempFolder(), "crashing.cjs");
    writeFileSync(
      path,
      `process.on("message", ({ method, params }) => {
         if (method === "probe" && params.provider === "webgpu") {
           console.error("the driver fell over");
           process.abort();
         }
       });
       require(${JSON.stringify(profilerPath)});`,
    );
    const providers = await listProviders(path, never);
    const webgpu = providers.find(({ id }) => id === "webgpu")!;
    expect(webgpu.available).toBe(false);
    expect(webgpu.detail).toMatch(/the process that runs onnxruntime/i);
    expect(providers.find(({ id }) => id === "cpu")!.available).toBe(true);
  });

  it("are asked for again after a failure", async () => {
    const path = join(tempFolder(), "late.cjs");
    writeFileSync(path, "process.exit(3);");
    expect(await rejected(listProviders(path, never))).toMatchObject({ code: "provider" });
    writeFileSync(path, `require(${JSON.stringify(profilerPath)});`);
    expect((await listProviders(path, never)).length).toBeGreaterThan(0);
  });

  it("are not waited for when cancelled", async () => {
    expect(await rejected(listProviders(profilerPath, AbortSignal.abort()))).toMatchObject({
      code: "cancelled",
    });
  });
});

const hasGpu = await useSoftwareGpu();

describe.skipIf(!hasGpu)("WebGPU with a driver in software (comes with the test browser)", () => {
  it("is found", async () => {
    const program = join(tempFolder(), "gpu.cjs");
    writeFileSync(program, `require(${JSON.stringify(profilerPath)});`);
    const providers = await listProviders(program, never);
    expect(providers.find(({ id }) => id === "webgpu")).toMatchObject({ available: true });
  });

  it("gives the GPU's own times, and says what fell back to the processor", {
    timeout: 120_000,
  }, async () => {
    const model = opened(profilerPath, fixturePath("gpt2-opset12"), recordedDims("gpt2-opset12"));
    const result = await model.profile({ provider: "webgpu", runs: 2, warmup: 1 });
    const joined = result.nodes.reduce((sum, { ms }) => sum + ms, 0);
    expect(joined + result.unmappedMs).toBeCloseTo(result.nodesMs, 9);
    expect(joined).toBeGreaterThan(0.95 * result.nodesMs);
    const gpu = result.placement.find(({ provider }) => provider === "WebGPU")!;
    expect(gpu.nodes).toBeGreaterThan(50);
    const cpu = result.placement.find(({ provider }) => provider === "CPU");
    expect(cpu === undefined).toBe(!result.notes.some((note) => /fell back to the CPU/.test(note)));
    // Encoding takes microseconds; in software, the products themselves take most of a run.
    const products = result.nodes.filter(
      ({ ranAs, provider }) => provider === "WebGPU" && ranAs === undefined,
    );
    expect(Math.max(...products.map(({ ms }) => ms))).toBeGreaterThan((0.1 * gpu.ms) / gpu.nodes);
    expect(gpu.ms).toBeGreaterThan(0.3 * result.meanMs);
  });
});
