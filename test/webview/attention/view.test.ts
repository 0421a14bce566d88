import { join } from "node:path";
import type { Browser, Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { root } from "../../../scripts/lib/paths.mjs";
import type { AttentionReport, CurveQuery } from "../../../src/protocol/attention";
import type { PanelApi } from "../../../src/protocol/panels";
import type { CallContext, Handlers } from "../../../src/rpc/contract";
import { type EnginePanel, enginePanel } from "../support/enginePanel";
import { launchBrowser, PanelPage } from "../support/panelPage";

const ENTRY = "webview/panels/attention/main.tsx";
const CONTEXT: CallContext = { signal: new AbortController().signal };

let browser: Browser;
let panel: EnginePanel;
let open: PanelPage;

beforeAll(async () => {
  browser = await launchBrowser();
}, 60_000);
afterAll(() => browser.close());

async function show(model: string, change: Partial<Handlers<PanelApi>> = {}): Promise<void> {
  panel = await enginePanel(join(root, "test/fixtures/models", `${model}.onnx`), true);
  open = await PanelPage.open(browser, { ...panel.handlers, ...change }, ENTRY);
}

afterEach(async () => {
  expect(open.complaints).toEqual([]);
  await open.close();
  panel.dispose();
});

const report = async (): Promise<AttentionReport> => await panel.handlers.attention({}, CONTEXT);
const rows = (): Locator => open.page.locator(".block-table .row:not(.pending)");
const headline = (name: string): Locator =>
  open.page.locator(".attention-headline dl > div", { hasText: name }).locator("dd .num");

it("says how many blocks there are, what they cost and how wide they are", async () => {
  await show("bert-dynamic");
  const { blocks, totals } = await report();
  expect(blocks.length).toBeGreaterThan(0);
  await expect.poll(() => headline("Attention blocks").textContent()).toBe(String(blocks.length));
  await expect
    .poll(() => headline("Of the FLOPs").textContent())
    .toBe(`${((totals.attentionShare ?? 0) * 100).toFixed(1)} %`);
  await rows().first().waitFor();
  expect(await rows().count()).toBe(blocks.length);
  expect(await rows().first().locator("[data-column='heads']").textContent()).toBe(
    String(blocks[0]!.heads.value),
  );
  const hover = await rows().first().locator("[data-column='scores']").getAttribute("title");
  expect(hover).toContain((blocks[0]!.cost.scores.macs.value ?? 0).toLocaleString("en-US"));
});

it("draws the curve and reads it by keys, with the numbers put into the formulas", async () => {
  await show("bert-dynamic");
  const { page } = open;
  const chart = page.getByRole("region", { name: "Cost by length" }).getByRole("img");
  await chart.focus();
  await page.keyboard.press("Home");
  const readout = page.getByRole("region", { name: "Cost by length" }).locator(".readout");
  const { modes } = await report();
  const query: CurveQuery = { mode: modes[0]!.mode, axis: modes[0]!.axis.id };
  const curve = await panel.handlers.attentionCurve(query, CONTEXT);
  await readout.getByText(`at n = ${curve.x[0]}`).waitFor();
  await page.keyboard.press("ArrowRight");
  await readout.getByText(`at n = ${curve.x[1]}`).waitFor();
  const line = readout.locator("tr", { has: page.getByText("attention", { exact: true }) });
  const said = (await line.getAttribute("title")) ?? "";
  expect(said).toContain(`= ${curve.formulas.attention}`);
  const numbers = said.split("\n").find((words) => /^= [\d.·+ ()⁰¹²³⁴⁵⁶⁷⁸⁹-]+$/.test(words));
  expect(numbers, said).toBeDefined();
  expect(said).toContain(curve.attention[1]!.toLocaleString("en-US"));
  const table = page
    .getByRole("region", { name: "Cost by length" })
    .locator("table.visually-hidden tbody tr");
  expect(await table.count()).toBeGreaterThan(5);
});

it("tells the other side which rows a block has, and marks the block of rows chosen there", async () => {
  await show("bert-dynamic");
  const { page } = open;
  const { blocks } = await report();
  await rows().nth(1).locator("[data-column='op']").click();
  await expect
    .poll(() => panel.selected.at(-1) ?? [])
    .toEqual(expect.arrayContaining([...blocks[1]!.nodes, ...blocks[1]!.projections.query]));
  await page.locator(".block-head h3", { hasText: blocks[1]!.label }).waitFor();
  open.peer.emit("selected", { keys: [blocks[0]!.nodes[0]!] });
  await page.locator(".block-table .row.marked.selected", { hasText: blocks[0]!.label }).waitFor();
  await page.locator(".block-head h3", { hasText: blocks[0]!.label }).waitFor();
  await page.getByRole("button", { name: "Show in the layer table" }).click();
  await expect.poll(() => panel.revealed).toEqual([blocks[0]!.key]);
});

it("moves through the blocks by keys", async () => {
  await show("bert-dynamic");
  const grid = open.page.getByRole("grid", { name: "Attention blocks" });
  await rows().first().waitFor();
  await grid.focus();
  await open.page.keyboard.press("End");
  const last = rows().last();
  await expect.poll(() => last.getAttribute("aria-selected")).toBe("true");
});

it("compares a sliding window with what there is", async () => {
  await show("bert-dynamic");
  const { page } = open;
  await page.getByLabel("Change of the attention").selectOption("window");
  const width = page.locator(".what-if-field input");
  await width.fill("16");
  const { modes } = await report();
  const query: CurveQuery = {
    mode: modes[0]!.mode,
    axis: modes[0]!.axis.id,
    whatIf: { kind: "window", width: 16 },
  };
  const { whatIf } = await panel.handlers.attentionCurve(query, CONTEXT);
  expect(whatIf!.flopsThen).toBeLessThan(whatIf!.flopsNow);
  const outcome = page.locator(".what-if-outcome > .num").first();
  await expect
    .poll(() => outcome.getAttribute("title"))
    .toBe(`${whatIf!.flopsNow.toLocaleString("en-US")} → ${whatIf!.flopsThen.toLocaleString("en-US")}`);
  await page.locator(".length-line.part-then").waitFor();
  await width.fill("0");
  expect(await width.getAttribute("aria-invalid")).toBe("true");
});

it("draws other sizes without changing the model's", async () => {
  await show("bert-dynamic");
  const { page } = open;
  const before = (await panel.summary()).dims;
  await page.getByRole("button", { name: "Sizes of the curves beside their length" }).click();
  await page.getByRole("spinbutton", { name: "batch, exact" }).fill("8");
  const caption = page.getByRole("region", { name: "Cost by length" }).locator(".readout caption b");
  const { modes } = await report();
  const query: CurveQuery = { mode: modes[0]!.mode, axis: modes[0]!.axis.id, bindings: { batch: 8 } };
  const curve = await panel.handlers.attentionCurve(query, CONTEXT);
  const place = curve.x.indexOf(curve.current);
  const total = [curve.constant, curve.linear, curve.projections, curve.attention].reduce(
    (sum, values) => sum + values[place]!,
    0,
  );
  await expect.poll(() => caption.getAttribute("title")).toBe(`${total.toLocaleString("en-US")} FLOPs`);
  expect((await panel.summary()).dims).toEqual(before);
});

it("exports drawings, pictures and numbers", async () => {
  await show("bert-dynamic");
  const { page } = open;
  const menu = page.getByRole("button", { name: "Export the curve of cost" });
  for (const way of ["SVG drawing…", "PNG picture…", "CSV table…"]) {
    await menu.click();
    await page.getByRole("button", { name: way }).click();
  }
  await expect.poll(() => panel.exported.length).toBe(3);
  const byEnd = (end: string) => panel.exported.find(({ suggestedName }) => suggestedName.endsWith(end))!;
  const svg = byEnd(".svg");
  expect("text" in svg && svg.text).toMatch(
    /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[\s\S]*bert-dynamic\.onnx: Cost by length[\s\S]*<\/svg>/,
  );
  const png = byEnd(".png");
  const bytes = Buffer.from("base64" in png ? png.base64 : "", "base64");
  expect(bytes.subarray(0, 8)).toEqual(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]));
  const width = await page
    .getByRole("region", { name: "Cost by length" })
    .getByRole("img")
    .getAttribute("width");
  expect(bytes.readUInt32BE(16)).toBe(2 * Number(width));
  const csv = byEnd(".csv");
  const lines = ("text" in csv ? csv.text : "").trim().split("\r\n");
  expect(lines[0]).toMatch(/^n,flops_rest_constant,/);
  expect(lines.length).toBeGreaterThan(10);
});

it("says why there is nothing in a model without attention", async () => {
  await show("resnet");
  await open.page.getByText("No attention was found in this model.").waitFor();
});

it("says what went wrong, and tries again", async () => {
  let fails = true;
  await show("bert-dynamic");
  const { attention } = panel.handlers;
  await open.close();
  open = await PanelPage.open(
    browser,
    {
      ...panel.handlers,
      attention: (params, context) => {
        if (fails) {
          throw new Error("out of luck");
        }
        return attention(params, context);
      },
    },
    ENTRY,
  );
  await open.page.getByRole("alert").getByText("out of luck").waitFor();
  fails = false;
  await open.page.locator("vscode-button", { hasText: "Try Again" }).click();
  await headline("Attention blocks").waitFor();
});

it("asks for its own figures alone", async () => {
  await show("bert-dynamic");
  await open.page.getByRole("region", { name: "Cost by length" }).waitFor();
  expect(open.calls[0]).toBe("ready");
  expect(new Set(open.calls)).toEqual(new Set(["ready", "identity", "attention", "attentionCurve"]));
});
