import { describe, expect, it, vi } from "vitest";
import { tempFolder } from "../../support/tempFolder";
import { applyFirstOffer, buildProfiler, opened, scratchFolders, writeSideFileModel } from "./support";

// Temporary files are on another disk for many people, and no link crosses disks.
const link = vi.hoisted(() =>
  vi.fn(() => Promise.reject(Object.assign(new Error("EXDEV: cross-device link"), { code: "EXDEV" }))),
);
vi.mock("node:fs/promises", async (original) => ({
  ...(await original<typeof import("node:fs/promises")>()),
  link,
}));

const profilerPath = buildProfiler();

describe("an edited model whose side files are on another disk than temporary files", () => {
  it("is measured with its side files where they are", async () => {
    const model = opened(profilerPath, writeSideFileModel(tempFolder()), { batch: 4 });
    applyFirstOffer(model);
    const result = await model.profile();
    expect(link).toHaveBeenCalled();
    expect(result.unmapped).toEqual([]);
    expect(model.progress[0]).toMatchObject({ phase: "write" });
    expect(scratchFolders()).toEqual([]);
  });
});
