import { defineConfig } from "vitest/config";

/** One window after the other: each wants the whole machine. */
export default defineConfig({
  test: {
    include: ["test/ui/**/*.test.ts"],
    testTimeout: 90_000,
    hookTimeout: 90_000,
    pool: "forks",
    fileParallelism: false,
    reporters: ["default"],
  },
});
