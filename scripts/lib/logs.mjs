import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

const LAST_LINES = 40;

/** The server runs without an add-on for logs, and says so at length; it also looks for newer extensions in vain. */
const KNOWN_NOISE =
  /spdlog|vsda|bindings|extensionquery|^ {4}at (Module|ModuleJob|ModuleWrap|Object|async|wrap|load)/;

/** Prints the end of every log below a folder: what a person needs when a window did not do what it should. */
export async function showLogs(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const logs = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".log"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes("browser-profile"));
  for (const path of logs) {
    const lines = (await readFile(path, "utf8"))
      .split("\n")
      .filter((line) => line !== "" && !KNOWN_NOISE.test(line));
    if (lines.length > 0) {
      console.error(`--- ${relative(folder, path)}\n${lines.slice(-LAST_LINES).join("\n")}`);
    }
  }
}
