import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { readmePictures, screenshotsFolder, updatesReadmePictures } from "./setup";
import type { VscodeWindow } from "./window";

/** A picture below this is a blank window; one above does not belong into a repository. */
const MIN_BYTES = 10_000;
const MAX_BYTES = 400_000;

/**
 * Takes a picture of the window into out/ui/. One that README shows replaces the committed one only when that is asked
 * for, since no two machines draw letters alike.
 */
export async function takePicture(
  window: VscodeWindow,
  name: string,
  { inReadme = false }: { readonly inReadme?: boolean } = {},
): Promise<void> {
  mkdirSync(screenshotsFolder, { recursive: true });
  const path = join(screenshotsFolder, `${name}.png`);
  await window.page.screenshot({ path, animations: "disabled", caret: "hide" });
  const picture = readFileSync(path);
  expect(picture.length, `${name}.png`).toBeGreaterThan(MIN_BYTES);
  if (inReadme) {
    expect(picture.length, `${name}.png`).toBeLessThan(MAX_BYTES);
    if (updatesReadmePictures) {
      mkdirSync(readmePictures, { recursive: true });
      writeFileSync(join(readmePictures, `${name}.png`), picture);
    }
  }
}
