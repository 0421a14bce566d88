import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { nestedModel } from "../../support/nestedModel";
import { onnxModel } from "../../support/onnxBuilder";
import { tempFolder } from "../../support/tempFolder";
import { type EnginePanel, enginePanel } from "../support/enginePanel";
import { launchBrowser, PanelPage } from "../support/panelPage";

let browser: Browser;
let panel: EnginePanel;
let open: PanelPage;

beforeAll(async () => {
  browser = await launchBrowser();
}, 60_000);
afterAll(() => browser.close());
afterEach(async () => {
  await open.close();
  panel.dispose();
});

async function openNested(): Promise<void> {
  const path = join(tempFolder(), "nested.onnx");
  writeFileSync(path, onnxModel(nestedModel()));
  panel = await enginePanel(path, false);
  open = await PanelPage.open(browser, panel.handlers);
  await open.page.locator("#tab-layers").click();
  await open.page.locator(".row").first().waitFor();
}

/** Name, level and fold of each row, as assistive technology has them. */
const rows = () =>
  open.page.locator(".layer-table .row").evaluateAll((all) =>
    all.map((row) => {
      const level = row.getAttribute("aria-level");
      const fold = { true: "-", false: "+" }[row.getAttribute("aria-expanded") ?? ""] ?? " ";
      return `${level}${fold} ${row.querySelector(".cell.name .name")?.textContent}`;
    }),
  );

const FOLDED = ["1  first", "1+ loop", "1+ call", "1  again"];
const LOOP_OPEN = ["1  first", "1- loop", "2  goes on", "2  step", "2+ choice", "1+ call", "1  again"];

it("what a node runs is folded under it, and unfolds by its triangle", async () => {
  await openNested();
  await expect.poll(rows).toEqual(FOLDED);
  expect(await open.page.locator(".layer-table").getAttribute("role")).toBe("treegrid");
  await open.page.locator(".row").nth(1).getByLabel("Unfold").click();
  await expect.poll(rows).toEqual(LOOP_OPEN);
  await open.page.locator(".row").nth(1).getByLabel("Fold").click();
  await expect.poll(rows).toEqual(FOLDED);
  await open.page.getByLabel("Unfold all").click();
  await expect.poll(async () => (await rows()).length).toBe(11);
  await open.page.getByLabel("Fold all", { exact: true }).click();
  await expect.poll(rows).toEqual(FOLDED);
});

it("and by the arrow keys, as in every tree grid", async () => {
  await openNested();
  const { page } = open;
  const focused = () => page.locator(".row.focused .cell.name .name").textContent();
  await page.locator(".row", { hasText: "loop" }).locator(".name .name").click();
  await page.keyboard.press("ArrowRight");
  await expect.poll(rows).toEqual(LOOP_OPEN);
  await page.keyboard.press("ArrowRight");
  await expect.poll(focused).toBe("goes on");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await expect
    .poll(async () => (await rows()).slice(4, 8))
    .toEqual(["2- choice", "3  cheap", "3  dear", "3  dearer"]);
  await page.keyboard.press("ArrowRight");
  await expect.poll(focused).toBe("cheap");
  await page.keyboard.press("ArrowLeft");
  await expect.poll(focused).toBe("choice");
  await page.keyboard.press("ArrowLeft");
  await expect.poll(rows).toEqual(LOOP_OPEN);
  await page.keyboard.press("ArrowLeft");
  await expect.poll(focused).toBe("loop");
  await page.keyboard.press("ArrowLeft");
  await expect.poll(rows).toEqual(FOLDED);
  expect(open.complaints).toEqual([]);
});

it("a filter shows what it selects inside, with the nodes around it", async () => {
  await openNested();
  const field = open.page.getByLabel("Filter layers by name, module or operator");
  await field.click();
  await open.page.keyboard.type("dearer");
  await expect.poll(rows).toEqual(["1- loop", "2- choice", "3  dearer"]);
});

it("says in its sums what is estimated, and shows costs beside the details at 1,280 pixels", async () => {
  await openNested();
  const { page } = open;
  expect(await page.locator(".foot .cell.macs").textContent()).toBe("~144");
  expect(await page.locator(".foot .cell.flops").textContent()).toBe("~288");
  await page.locator(".row").first().locator(".name .name").click();
  await page.locator(".split-side").waitFor();
  const table = (await page.locator(".layer-table").boundingBox())!;
  const share = (await page.locator(".head .cell.share").boundingBox())!;
  expect(share.x + share.width).toBeLessThanOrEqual(table.x + table.width);
});
