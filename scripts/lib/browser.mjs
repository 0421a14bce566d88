import { execFile } from "node:child_process";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { chmod, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createBrotliDecompress } from "node:zlib";
import { cache, serverPackage } from "./paths.mjs";
import { mustRun } from "./processes.mjs";

const folder = join(cache, "browser");
const unpacked = join(folder, "chromium");

const INSTALLED = {
  linux: [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/bin/microsoft-edge",
  ],
  darwin: [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
  ],
  win32: [
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
  ],
};

/** Flags that keep a browser to itself: no sandbox for root, no network of its own. */
export const BROWSER_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * A Chromium to drive: the one that CHROME_EXECUTABLE names, one from npm on Linux x64 (so that pictures are the same
 * everywhere), else an installed one.
 */
export async function findBrowser() {
  const chosen = process.env.CHROME_EXECUTABLE;
  if (chosen !== undefined) {
    return { executable: chosen, env: {} };
  }
  if (process.platform === "linux" && process.arch === "x64") {
    await unpackBrowser();
    return { executable: unpacked, env: await libraryPath() };
  }
  const installed = (INSTALLED[process.platform] ?? []).find((path) => existsSync(path));
  if (installed === undefined) {
    throw new Error("No Chrome, Edge or Chromium was found. Install one, or name it in CHROME_EXECUTABLE.");
  }
  return { executable: installed, env: {} };
}

/** Unpacks the browser from its npm package, and SwiftShader, the Vulkan driver in software that comes with it. */
export async function unpackBrowser() {
  if (existsSync(unpacked)) {
    return;
  }
  const packed = join(serverPackage, "node_modules", "@sparticuz", "chromium", "bin");
  await mkdir(folder, { recursive: true });
  for (const name of ["al2023", "fonts", "swiftshader"]) {
    const tar = join(folder, `${name}.tar`);
    await decompress(join(packed, `${name}.tar.br`), tar);
    await mustRun("tar", ["-xf", tar, "-C", folder]);
    await rm(tar);
  }
  // Last, and under its name only when it is whole: its presence says that all is there.
  await decompress(join(packed, "chromium.br"), `${unpacked}.part`);
  await chmod(`${unpacked}.part`, 0o755);
  await rename(`${unpacked}.part`, unpacked);
}

async function decompress(from, to) {
  await pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to));
}

/** The package carries the few system libraries that a bare machine may lack. */
async function libraryPath() {
  const { stdout } = await promisify(execFile)("ldd", [unpacked]).catch(() => ({ stdout: "" }));
  return stdout.includes("not found") ? { LD_LIBRARY_PATH: join(folder, "lib") } : {};
}
