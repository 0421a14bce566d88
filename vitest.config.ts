import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/{core,rpc,engine,profiler,cli,webview,arch,fuzz}/**/*.test.{ts,tsx}"],
    exclude: ["test/arch/package/**"],
    testTimeout: 30_000,
    pool: "forks",
    reporters: ["default"],
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
});
