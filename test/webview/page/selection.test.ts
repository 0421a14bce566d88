import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { root } from "../../../scripts/lib/paths.mjs";
import { type EnginePanel, enginePanel } from "../support/enginePanel";
import { launchBrowser, PanelPage } from "../support/panelPage";

const MODEL = join(root, "samples/encoder.onnx");
const CONTEXT = { signal: new AbortController().signal };

let browser: Browser;
let panel: EnginePanel;
let open: PanelPage;

beforeAll(async () => {
  browser = await launchBrowser();
}, 60_000);
afterAll(() => browser.close());

beforeEach(async () => {
  panel = await enginePanel(MODEL, true);
  open = await PanelPage.open(browser, panel.handlers);
  await open.page.locator("#tab-layers").click();
  await open.page.locator("#row-0[aria-selected]").waitFor();
});
afterEach(async () => {
  expect(open.complaints).toEqual([]);
  await open.close();
  panel.dispose();
});

it("tells other panels which rows are chosen, once for each choice", async () => {
  const { page } = open;
  await page.locator("#row-2 [data-column='op']").click();
  await page.keyboard.press("Shift+ArrowDown");
  const { rows } = await panel.handlers.rows({ group: true, start: 0, count: 4 }, CONTEXT);
  await expect.poll(() => panel.selected).toEqual([[rows[2]!.key], [rows[2]!.key, rows[3]!.key]]);
});

it("selects rows that were chosen elsewhere, unfolding what hides them, and does not tell of it again", async () => {
  const { page } = open;
  await page.getByRole("button", { name: "Fold all", exact: true }).click();
  const { rows } = await panel.handlers.rows({ group: false, start: 0, count: 200 }, CONTEXT);
  const chosen = [rows[60]!, rows[61]!, rows[120]!];
  open.peer.emit("selected", { keys: chosen.map(({ key }) => key) });
  for (const { name } of chosen.slice(0, 2)) {
    await page
      .locator(".row.selected", { hasText: name.split("/").at(-1)! })
      .first()
      .waitFor();
  }
  await page.locator(".detail-head", { hasText: chosen[0]!.name }).waitFor();
  expect(panel.selected).toEqual([]);
});

it("keeps what is selected when other panels choose rows that it does not have", async () => {
  const { page } = open;
  await page.locator("#row-2 [data-column='op']").click();
  open.peer.emit("selected", { keys: ["n999999"] });
  open.peer.emit("selected", { keys: [] });
  await page.locator("#row-2[aria-selected='true']").waitFor();
});
