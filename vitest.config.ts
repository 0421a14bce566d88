import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/{core,engine,profiler,cli,webview,arch}/**/*.test.{ts,tsx}"],
    testTimeout: 30_000,
    pool: "forks",
    reporters: ["default"],
  },
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
});
