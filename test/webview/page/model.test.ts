import { join } from "node:path";
import type { Browser, Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { root } from "../../../scripts/lib/paths.mjs";
import { type EnginePanel, enginePanel } from "../support/enginePanel";
import { launchBrowser, PanelPage } from "../support/panelPage";

const MODEL = join(root, "samples/encoder.onnx");

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
  panel.onChanged = (changed) => open.peer.emit("changed", changed);
  await open.page.locator(".bars").first().waitFor();
});
afterEach(async () => {
  expect(open.complaints).toEqual([]);
  await open.close();
  panel.dispose();
});

const total = (name: string): Locator => open.page.locator(".total", { hasText: name }).locator(".figure");

it("says that it is ready before anything else", () => {
  expect(open.calls[0]).toBe("ready");
});

it("follows a slider with every figure and with fewer calls than steps", async () => {
  const { page } = open;
  const before = (await panel.summary()).totals.macs.value!;
  const slider = page.getByRole("slider", { name: "sequence" });
  await slider.focus();
  const steps = 16;
  for (let step = 0; step < steps; step++) {
    await page.keyboard.press("ArrowRight");
  }
  await expect
    .poll(async () => (await panel.summary()).dims.find(({ name }) => name === "sequence")!.value)
    .toBe(512);
  const { totals } = await panel.summary();
  expect(totals.macs.value!).toBeGreaterThan(before);
  await expect
    .poll(() => total("MACs").getAttribute("title"))
    .toContain(totals.macs.value!.toLocaleString("en-US"));
  expect(open.calls.filter((method) => method === "bind").length).toBeLessThanOrEqual(steps);
  expect(await page.getByRole("spinbutton", { name: "sequence, exact" }).inputValue()).toBe("512");
});

it("leads from a bar to the layers behind it", async () => {
  await open.page.locator(".by-op .bar", { hasText: "MatMul" }).click();
  await open.page.getByRole("grid").or(open.page.getByRole("treegrid")).waitFor();
  const count = (await panel.summary()).ops.find(({ op }) => op === "MatMul")!.count;
  await open.page.getByText(`${count} of 237 layers`).waitFor();
});

it("sorts by a header's key, and says so to screen readers", async () => {
  const { page } = open;
  await page.locator("#tab-layers").click();
  await page.getByRole("button", { name: "Group by module" }).click();
  await page.getByRole("columnheader", { name: "MACs" }).getByRole("button").press("Enter");
  await page.locator('[role="columnheader"][aria-sort="descending"]', { hasText: "MACs" }).waitFor();
  const rows = await panel.handlers.rows(
    { group: false, sort: { column: "macs", descending: true }, start: 0, count: 1 },
    { signal: new AbortController().signal },
  );
  await page.locator("#row-0", { hasText: rows.rows[0]!.name }).waitFor();
});

it("folds and unfolds modules by keys", async () => {
  const { page } = open;
  await page.locator("#tab-layers").click();
  const first = page.locator("#row-0");
  await first.locator("[data-column='op']").click();
  await page.keyboard.press("ArrowLeft");
  await page.locator("#row-0[aria-expanded='false']").waitFor();
  await page.keyboard.press("ArrowRight");
  await page.locator("#row-0[aria-expanded='true']").waitFor();
  await page.keyboard.press("ArrowRight");
  await page.locator("#row-1.focused[aria-level='2']").waitFor();
  await page.keyboard.press("ArrowLeft");
  await page.locator("#row-0.focused").waitFor();
});

it("shows what a fix would do, takes it, marks the layer, and takes it back", async () => {
  const { page } = open;
  const before = await total("Weights").getAttribute("title");
  await page.locator("#tab-layers").click();
  await page.getByRole("button", { name: "Group by module" }).click();
  await page
    .getByRole("button", { name: /^\d+ fix(es)? offered…$/ })
    .first()
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/^\d+\.\d dB$/).waitFor();
  await dialog.locator("vscode-button", { hasText: "Apply" }).click();
  await page.getByRole("img", { name: "Edited" }).first().waitFor();
  expect(await total("Weights").getAttribute("title")).not.toBe(before);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => page.getByRole("img", { name: "Edited" }).count()).toBe(0);
  expect(await total("Weights").getAttribute("title")).toBe(before);
});

it("goes from a layer to the one that made its input, and follows reveal", async () => {
  const { page } = open;
  const signal = new AbortController().signal;
  const { rows } = await panel.handlers.rows({ group: false, start: 100, count: 1 }, { signal });
  open.peer.emit("reveal", { key: rows[0]!.key });
  await page.locator(".row.focused", { hasText: rows[0]!.op }).waitFor();
  await page.locator(".detail-head", { hasText: rows[0]!.name }).waitFor();
  const link = page.locator(".value-links .link").first();
  const label = ((await link.textContent()) ?? "").replace(/ \(.*\)$/, "");
  await link.click();
  await page.locator(".detail-head", { hasText: label }).waitFor();
});

it("tells a cell's formula on hover", async () => {
  const { page } = open;
  await page.locator(".top-layers .bar").first().click();
  const cell = page.locator(".row.focused [data-column='macs']");
  await cell.hover();
  await expect.poll(() => cell.getAttribute("title")).toMatch(/= .*sequence/);
});

it("carries out commands of the palette", async () => {
  const { page } = open;
  open.peer.emit("command", { command: "exportJson" });
  await expect
    .poll(() => panel.exported.map(({ suggestedName }) => suggestedName))
    .toEqual(["encoder-layers.json"]);
  const [file] = panel.exported;
  expect(JSON.parse(file !== undefined && "text" in file ? file.text : "[]")).not.toHaveLength(0);
  open.peer.emit("command", { command: "focusFilter" });
  await page
    .locator("vscode-textfield.layer-filter:focus-within, vscode-textfield.layer-filter:focus")
    .waitFor();
  await page.keyboard.type("query");
  await page.getByText(/^\d+ of 237 layers$/).waitFor();
});
