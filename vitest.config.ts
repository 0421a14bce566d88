import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/{core,rpc,engine,profiler,cli,webview,language,arch,fuzz}/**/*.test.{ts,tsx}"],
    exclude: ["test/arch/package/**"],
    testTimeout: 30_000,
    pool: "forks",
    // onnxruntime reports its use over the network, and leaves files behind, unless it is told not to.
    env: { ORT_DISABLE_TELEMETRY: "1" },
    reporters: ["default"],
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
});
