import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

const LAST_LINES = 40;

/** Prints the end of every log below a folder: what a person needs when a window did not do what it should. */
export async function showLogs(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const logs = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".log"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes("browser-profile"));
  for (const path of logs) {
    const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
    if (lines.length > 1 || lines[0] !== "") {
      console.error(`--- ${relative(folder, path)}\n${lines.slice(-LAST_LINES).join("\n")}`);
    }
  }
}
