import type { Locator } from "playwright-core";
import { expect, it } from "vitest";
import { ModelPage } from "./support/modelPage";
import { takePicture } from "./support/screenshots";
import { sourcesServer } from "./support/setup";
import { setTheme, THEMES } from "./support/theme";
import { useWindow } from "./support/useWindow";
import { shownText, until } from "./support/window";

const GPT = "gpt2-prefill.onnx";
const LLAMA = "llama-prefill.onnx";
const RESNET = "resnet.onnx";
const used = useWindow({
  server: sourcesServer(),
  models: [GPT, LLAMA, RESNET].map((model) => `test/fixtures/models/${model}`),
  width: 1440,
  height: 900,
});
let page: ModelPage;

const tensors = (): Locator => page.frame.getByRole("grid", { name: "Tensors" });
const rows = (): Locator => tensors().locator(".row:not([aria-busy])");
const footer = (): Locator => tensors().locator(".foot .cell.name");
const detail = (): Locator => page.frame.getByRole("complementary", { name: "Details of the tensor" });

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

it("shows where the parameters sit, as many as the header counts", async () => {
  const { window } = used;
  page = await openWide(GPT);
  await page.openView("Parameters");
  await rows().first().waitFor();
  const sum = await tensors().locator(".foot .cell.params span").getAttribute("title");
  expect(Number(/[\d,]+/.exec(sum ?? "")?.[0].replaceAll(",", ""))).toBe(await page.total("Parameters"));
  await page.frame.getByRole("img", { name: /^Of \d+ tensors/ }).waitFor();
  await takePicture(window, "parameters-map-dark");
});

it("goes into a module and back by keys", async () => {
  const all = await shownText(footer());
  const tile = page.frame
    .getByRole("group", { name: /^Map of/ })
    .getByRole("button")
    .first();
  await tile.press("Enter");
  await until("fewer tensors", async () => (await shownText(footer())) !== all);
  await page.frame.page().keyboard.press("Escape");
  await until("all tensors", async () => (await shownText(footer())) === all);
});

it("finds the transposed twin of the vocabulary, and reads what the values are", async () => {
  const { window } = used;
  await page.frame.locator("vscode-button", { hasText: "Compare contents" }).click();
  await page.frame.getByText(/stored twice/).waitFor();
  const twin = rows().filter({ has: page.frame.getByRole("img", { name: /^transposed / }) });
  await twin.first().locator("[data-column='shape']").click();
  await detail().getByText("transposed content of").waitFor();
  await detail().locator("vscode-button", { hasText: "Read values" }).click();
  await detail()
    .getByRole("img", { name: /^Histogram of the values/ })
    .waitFor();
  await takePicture(window, "parameters-dark", { inReadme: true });
  await detail().getByRole("button", { name: "Zoom in until numbers can be read" }).click();
  const numbers = detail().getByRole("region", { name: /^Numbers of/ });
  await numbers.getByRole("cell").nth(1).waitFor();
  await numbers.scrollIntoViewIfNeeded();
  await takePicture(window, "parameters-values-dark");
});

it("chooses the layers that read a tensor", async () => {
  const name = await shownText(detail().getByTitle("Show it in the layer table"));
  await page.openView("Layers");
  await page
    .table()
    .locator(".row.selected", { hasText: name.split("/").at(-1) ?? name })
    .first()
    .waitFor();
});

it("stands in a panel of its own beside the editor", async () => {
  const { window } = used;
  await openWide(LLAMA);
  await window.runCommand("Onnxray: Show Parameters");
  const frame = await window.modelPage("#root .view-page .parameters");
  page = new ModelPage(frame);
  await rows().first().waitFor();
  await takePicture(window, "parameters-panel-dark");
  await window.press("ControlOrMeta+w");
});

it("wears every theme of VS Code", async () => {
  const { window } = used;
  page = await openWide(RESNET);
  await page.openView("Parameters");
  await rows().first().locator("[data-column='shape']").click();
  await detail().locator("vscode-button", { hasText: "Read values" }).click();
  await detail()
    .getByRole("img", { name: /^Ranges of/ })
    .waitFor();
  for (const theme of Object.keys(THEMES) as (keyof typeof THEMES)[]) {
    await setTheme(window, theme);
    await page.frame.locator(`body.${THEMES[theme].pageClass}`).waitFor();
    await takePicture(window, `parameters-${theme}`);
  }
  await setTheme(window, "dark");
});

it.each([GPT, LLAMA])("shows %s in light and dark", async (model) => {
  const { window } = used;
  page = await openWide(model);
  await page.openView("Parameters");
  await rows().first().locator("[data-column='shape']").click();
  await detail().getByText("Bits per weight").waitFor();
  for (const theme of ["light", "dark"] as const) {
    await setTheme(window, theme);
    await page.frame.locator(`body.${THEMES[theme].pageClass}`).waitFor();
    await takePicture(window, `parameters-${model.split("-")[0]}-${theme}`);
  }
});
