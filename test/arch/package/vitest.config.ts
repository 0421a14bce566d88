import { defineConfig } from "vitest/config";

/** Apart from the plain tests, since the packages must be made first: half a minute that the inner loop does not want. */
export default defineConfig({
  test: { include: ["test/arch/package/**/*.test.ts"], testTimeout: 60_000, pool: "forks" },
});
