import { join } from "node:path";
import type { Browser } from "playwright-core";
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
  await open.page.getByRole("button", { name: /^All \d+…$/ }).click();
  await kinds().first().waitFor();
});
afterEach(async () => {
  expect(open.complaints).toEqual([]);
  await open.close();
  panel.dispose();
});

const dialog = () => open.page.getByRole("dialog");
const kinds = () => dialog().locator(".offer-groups li");
const apply = () => dialog().locator("footer vscode-button", { hasText: /^Apply/ });

it("lists fixes by kind, chooses none but the first, and says what the chosen would do", async () => {
  expect(await kinds().count()).toBeGreaterThan(1);
  const checked = await kinds()
    .locator("vscode-checkbox")
    .evaluateAll((boxes) => boxes.map((box) => (box as HTMLInputElement).checked));
  expect(checked).toEqual(checked.map((_, position) => position === 0));
  const facts = dialog().locator(".facts");
  await facts.getByText(/→/).first().waitFor();
  await facts.locator("dt", { hasText: "MACs" }).waitFor();
});

it("applies what is chosen as one step", async () => {
  const quantise = kinds().filter({ hasText: "Quantise weights" }).first();
  const others = kinds().filter({ hasNotText: "Quantise weights" });
  for (let at = 0; at < (await others.count()); at++) {
    const box = others.nth(at).locator("vscode-checkbox");
    if (await box.evaluate((element) => (element as HTMLInputElement).checked)) {
      await box.click();
    }
  }
  if (!(await quantise.locator("vscode-checkbox").evaluate((box) => (box as HTMLInputElement).checked))) {
    await quantise.locator("vscode-checkbox").click();
  }
  const places = Number((await quantise.locator(".muted").textContent())?.split(" ")[0]);
  expect(places).toBeGreaterThan(1);
  await dialog()
    .getByText(/^\d+\.\d dB$/)
    .waitFor();
  expect(await apply().textContent()).toBe(`Apply to ${places} Places`);
  const before = (await panel.summary()).totals.weightBytes;
  await apply().click();
  await dialog().waitFor({ state: "detached" });
  expect((await panel.summary()).totals.weightBytes).toBeLessThan(before);
  await open.page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(async () => (await panel.summary()).totals.weightBytes).toBe(before);
});

it("shows what may be chosen about a fix as a form, and passes it on", async () => {
  const half = kinds().filter({ hasText: "float16" }).first();
  const box = half.locator("vscode-checkbox");
  if (!(await box.evaluate((element) => (element as HTMLInputElement).checked))) {
    await box.click();
  }
  const form = dialog().locator(".offer-form").first();
  await form.getByText("Inputs and outputs stay float32").first().click();
  await dialog()
    .getByText(/^\d+\.\d dB$/)
    .waitFor();
  await apply().click();
  await dialog().waitFor({ state: "detached" });
  const { signal } = new AbortController();
  const { rows } = await panel.handlers.rows({ group: false, start: 0, count: 10_000 }, { signal });
  expect(rows.at(-1)?.dtype).toBe("float16");
});

it("applies nothing when nothing is chosen", async () => {
  await kinds().first().locator("vscode-checkbox").click();
  await expect.poll(() => apply().evaluate((button) => (button as HTMLButtonElement).disabled)).toBe(true);
});
