import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { BROWSER_FLAGS, findBrowser } from "./browser.mjs";
import { start, stopTree } from "./processes.mjs";

const START_TIMEOUT_MS = 60_000;

/**
 * Starts a browser without a window. It is a child of the harness and not of the tests that drive it, so that it ends
 * with the harness however the tests end.
 *
 * @param folder where its profile goes; new for each run
 * @returns {Promise<{endpoint: string, stop: () => void}>} endpoint: where playwright connects over CDP
 */
export async function startHeadlessBrowser({ folder }) {
  const { executable, env } = await findBrowser();
  const profile = join(folder, "browser-profile");
  await mkdir(profile, { recursive: true });
  const child = start(
    executable,
    [
      ...BROWSER_FLAGS,
      "--headless",
      "--hide-scrollbars",
      "--force-color-profile=srgb",
      "--disable-renderer-backgrounding",
      "--disable-backgrounding-occluded-windows",
      "--disable-background-timer-throttling",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
    ],
    { env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "pipe"] },
  );
  return { endpoint: await endpointOf(child), stop: () => stopTree(child, "SIGKILL") };
}

function endpointOf(child) {
  return new Promise((resolve, reject) => {
    let printed = "";
    const fail = (why) => reject(new Error(`The browser ${why}.\n${printed}`));
    const timer = setTimeout(() => fail("did not start in time"), START_TIMEOUT_MS);
    child.stderr.setEncoding("utf8").on("data", (text) => {
      printed = (printed + text).slice(-20_000);
      const found = /DevTools listening on (ws:\S+)/.exec(printed);
      if (found !== null) {
        clearTimeout(timer);
        resolve(found[1]);
      }
    });
    child.once("error", (error) => fail(`cannot be started: ${error.message}`));
    child.once("exit", (code) => {
      clearTimeout(timer);
      fail(`ended with code ${code}`);
    });
  });
}
