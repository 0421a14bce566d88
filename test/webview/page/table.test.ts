import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../../scripts/lib/paths.mjs";
import type { LayerRow } from "../../../src/protocol/rows";
import { type EnginePanel, enginePanel } from "../support/enginePanel";
import { withManyRows } from "../support/manyRows";
import { launchBrowser, PanelPage } from "../support/panelPage";

const MODEL = join(root, "samples/encoder.onnx");
const ROWS = 100_000;
const ROW_PX = 22;

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

async function openManyRows(total: number): Promise<void> {
  panel = await enginePanel(MODEL, false);
  const query = { group: false, start: 0, count: 1 };
  const signal = new AbortController().signal;
  const { rows } = await panel.handlers.rows(query, { signal });
  open = await PanelPage.open(browser, withManyRows(panel.handlers, rows[0] as LayerRow, total));
  await open.page.locator("#tab-layers").click();
  await open.page.locator(".row").first().waitFor();
}

describe("a table of 100,000 rows", () => {
  it("draws the rows in view alone, and asks for no more than it passes", async () => {
    await openManyRows(ROWS);
    const { page } = open;
    expect(await page.locator(".layer-table").getAttribute("aria-rowcount")).toBe(String(ROWS + 1));
    const asked = () => open.calls.filter((method) => method === "rows").length;
    const before = asked();
    const result = await page.evaluate(async (rowPx) => {
      const table = document.querySelector(".layer-table")!;
      let drawn = 0;
      for (let step = 0; step < 100; step++) {
        table.scrollTop += 20 * rowPx;
        await new Promise((resolve) => requestAnimationFrame(resolve));
        drawn = Math.max(drawn, table.querySelectorAll(".row").length);
      }
      return { drawn, scrollTop: table.scrollTop };
    }, ROW_PX);
    expect(result.scrollTop).toBe(100 * 20 * ROW_PX);
    expect(result.drawn).toBeLessThan(120);
    // 2000 rows went by in blocks of 128.
    expect(asked() - before).toBeLessThan(25);
    await page.getByText("layer 2010", { exact: true }).waitFor();
    expect(open.complaints).toEqual([]);
  });

  it("works a scroll step within a frame", async () => {
    await openManyRows(ROWS);
    const session = await open.page.context().newCDPSession(open.page);
    await session.send("Performance.enable");
    const busy = async () => {
      const { metrics } = await session.send("Performance.getMetrics");
      const of = (name: string) => metrics.find((metric) => metric.name === name)!.value;
      return (of("ScriptDuration") + of("LayoutDuration") + of("RecalcStyleDuration")) * 1000;
    };
    const before = await busy();
    const steps = 120;
    await open.page.evaluate(
      async ([count, rowPx]) => {
        const table = document.querySelector(".layer-table")!;
        for (let step = 0; step < count; step++) {
          table.scrollTop += 10 * rowPx;
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
      },
      [steps, ROW_PX] as const,
    );
    // A frame has 16.7 ms; this is measured on whatever else the machine is doing, too.
    expect((await busy()) - before).toBeLessThan(steps * 16);
  });

  it("goes to its ends and back by keys, with the row in view named to screen readers", async () => {
    await openManyRows(ROWS);
    const { page } = open;
    await page.locator(".layer-table").focus();
    const focused = async (row: number) => {
      await page.locator(`#row-${row}.focused`).getByText(`layer ${row}`, { exact: true }).waitFor();
      expect(await page.locator(".layer-table").getAttribute("aria-activedescendant")).toBe(`row-${row}`);
    };
    await page.keyboard.press("End");
    await focused(ROWS - 1);
    await page.keyboard.press("ArrowUp");
    await focused(ROWS - 2);
    await page.keyboard.press("Home");
    await focused(0);
    await page.keyboard.press("Shift+PageDown");
    await page.keyboard.press("Control+c");
    await expect.poll(() => panel.copied.length).toBe(1);
    const lines = panel.copied[0]!.split("\n");
    expect(lines.length).toBeGreaterThan(10);
    expect(lines[1]).toMatch(/^layer 0\t/);
  });
});

it("reaches the last of more rows than an element can be tall for", async () => {
  const rows = 3_000_000;
  await openManyRows(rows);
  await open.page.locator(".layer-table").focus();
  await open.page.keyboard.press("End");
  const last = open.page.locator(`#row-${rows - 1}`);
  await last.getByText(`layer ${rows - 1}`, { exact: true }).waitFor();
  const box = (await last.boundingBox())!;
  expect(box.y + box.height).toBeLessThan(800);
});
