import type { Frame, Locator } from "playwright-core";
import { expect, it } from "vitest";
import { ModelPage } from "./support/modelPage";
import { takePicture } from "./support/screenshots";
import { sourcesServer } from "./support/setup";
import { setTheme, THEMES } from "./support/theme";
import { useWindow } from "./support/useWindow";
import { shownText, until } from "./support/window";

const BERT = "bert-dynamic.onnx";
const GPT = "gpt2-decode.onnx";
const LLAMA = "llama-prefill.onnx";
const FIXED = "bert-fixed.onnx";
const RESNET = "resnet.onnx";
const used = useWindow({
  server: sourcesServer(),
  models: [BERT, GPT, LLAMA, FIXED, RESNET].map((model) => `test/fixtures/models/${model}`),
  width: 1440,
  height: 900,
});
let page: ModelPage;

const blocks = (frame: Frame = page.frame): Locator =>
  frame.getByRole("grid", { name: "Attention blocks" }).locator(".row:not(.pending)");
const cost = (frame: Frame = page.frame): Locator => frame.getByRole("region", { name: "Cost by length" });

/** Opens a model from the explorer, which then leaves its room to the page. */
async function openWide(model: string): Promise<ModelPage> {
  const { window } = used;
  const toggle = "View: Toggle Primary Side Bar Visibility";
  if ((await window.explorerRows().count()) === 0) {
    await window.runCommand(toggle);
  }
  const opened = new ModelPage(await window.openModel(model));
  await window.runCommand(toggle);
  return opened;
}

it("shows at a glance what attention costs and from which length on", async () => {
  const { window } = used;
  page = await openWide(BERT);
  await page.openView("Attention");
  await blocks().first().waitFor();
  await cost().getByRole("img").waitFor();
  const share = await shownText(page.frame.locator(".attention-headline dd .num").nth(1));
  expect(share).toMatch(/^\d+\.\d %$/);
  await takePicture(window, "attention-bert-dark");
});

it("reads the curve where the pointer is, and compares a sliding window", async () => {
  const { window } = used;
  await page.frame.getByLabel("Change of the attention").selectOption("window");
  await page.frame.locator(".what-if-outcome").waitFor();
  await blocks().first().locator("[data-column='op']").click();
  const box = await cost().getByRole("img").boundingBox();
  await window.page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) * 0.8, (box?.y ?? 0) + 90);
  await cost().locator(".readout[aria-live='polite']").waitFor();
  await takePicture(window, "attention-bert-what-if-dark");
  await page.frame.getByLabel("Change of the attention").selectOption("");
});

it("chooses a block's layers in the layer table", async () => {
  const name = await shownText(page.frame.locator(".block-head h3"));
  await page.openView("Layers");
  await until("chosen layers", async () => (await page.table().locator(".row.selected").count()) > 1);
  await page.openView("Attention");
  await page.frame.locator(".block-head h3", { hasText: name }).waitFor();
});

it("stands in a panel of its own, follows what is chosen in the editor, and comes back after a reload", async () => {
  const { window } = used;
  page = await openWide(LLAMA);
  await window.runCommand("Onnxray: Show Attention");
  const shown = "#root .view-page .attention";
  const frame = await window.modelPage(shown);
  await cost(frame).getByRole("img").waitFor();
  await takePicture(window, "attention-panel-llama-dark");
  await page.openView("Layers");
  await page.setGrouped(false);
  await page.filter("softmax");
  await until("softmaxes alone", async () =>
    (await page.column("op")).every((op) => op.trim() === "Softmax"),
  );
  await page.rows().nth(1).locator("[data-column='op']").click();
  await blocks(frame).nth(1).and(frame.locator(".marked")).waitFor();
  await window.runCommand("Developer: Reload Window");
  await until("another window", async () => frame.isDetached());
  const again = await window.modelPage(shown);
  await cost(again).getByRole("img").waitFor();
});

it("shows prefill and decoding of a model with a cache", async () => {
  const { window } = used;
  await window.runCommand("View: Close All Editors");
  page = await openWide(GPT);
  await page.openView("Attention");
  await cost().getByRole("img").waitFor();
  await takePicture(window, "attention-gpt2-dark");
});

it("draws what would be where the file fixes the length, and says so", async () => {
  const { window } = used;
  page = await openWide(FIXED);
  await page.openView("Attention");
  await cost().getByRole("img").waitFor();
  await page.frame.getByText("The file fixes this length").waitFor();
  await takePicture(window, "attention-fixed-dark");
});

it("says that a model has none", async () => {
  const { window } = used;
  page = await openWide(RESNET);
  await page.openView("Attention");
  await page.frame.getByText("No attention was found in this model.").waitFor();
  await takePicture(window, "attention-none-dark");
});

it("leads from the top of the text to the panel", async () => {
  const { window } = used;
  await window.activate(GPT);
  await window.runCommand("Onnxray: Open as Text to the Side");
  const lens = window.lenses().filter({ hasText: /^attention: \d+ blocks/ });
  await lens.first().waitFor();
  await takePicture(window, "attention-lens-dark");
  await lens.first().click();
  const frame = await window.modelPage("#root .view-page .attention");
  await cost(frame).getByRole("img").waitFor();
});

it("wears every theme of VS Code", async () => {
  const { window } = used;
  await window.runCommand("View: Close All Editors");
  for (const [model, name] of [
    [BERT, "bert"],
    [GPT, "gpt2"],
    [LLAMA, "llama"],
  ] as const) {
    page = await openWide(model);
    await page.openView("Attention");
    await blocks().first().locator("[data-column='op']").click();
    await cost().getByRole("img").waitFor();
    for (const theme of Object.keys(THEMES) as (keyof typeof THEMES)[]) {
      await setTheme(window, theme);
      await page.frame.locator(`body.${THEMES[theme].pageClass}`).waitFor();
      await takePicture(window, `attention-${name}-${theme}`, {
        inReadme: name === "llama" && theme === "dark",
      });
    }
  }
  await setTheme(window, "dark");
});

it("works where there is little room", async () => {
  const { window } = used;
  await window.page.setViewportSize({ width: 520, height: 700 });
  await takePicture(window, "attention-narrow");
  const excess = await page.frame.evaluate(() => document.body.scrollWidth - document.body.clientWidth);
  expect(excess, "wider than its editor").toBeLessThanOrEqual(0);
});
