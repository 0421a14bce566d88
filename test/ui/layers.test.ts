import { expect, it } from "vitest";
import { ModelPage } from "./support/modelPage";
import { takePicture } from "./support/screenshots";
import { sourcesServer } from "./support/setup";
import { useWindow } from "./support/useWindow";
import { shownText, until } from "./support/window";

const MODEL = "encoder.onnx";
const used = useWindow({ server: sourcesServer(), models: [`samples/${MODEL}`] });
let page: ModelPage;

it("opens with an overview that answers in one screen", async () => {
  const { window } = used;
  page = new ModelPage(await window.openModel(MODEL));
  for (const card of [
    "FLOPs by operator",
    "FLOPs by module",
    "Top layers",
    "Growth",
    "Weights",
    "Measured",
  ]) {
    await page.frame.getByRole("region", { name: card }).waitFor();
  }
  await window.runCommand("View: Toggle Primary Side Bar Visibility");
  await takePicture(window, "overview-dark", { inReadme: true });
});

it("sorts by cost, the most expensive layer first", async () => {
  await page.openView("Layers");
  await page.setGrouped(false);
  await page.sortDown("FLOPs");
  const flops = await until("numbers", async () => {
    const numbers = await page.numbers("flops");
    return numbers.length > 10 && numbers;
  });
  const sorted = [...flops].sort((a, b) => (b ?? -1) - (a ?? -1));
  expect(flops).toEqual(sorted);
  expect(flops[0]).toBeGreaterThan(0);
});

it("shows everything about the most expensive layer", async () => {
  const { window } = used;
  await page.rows().first().click();
  const [name] = await page.column("name");
  const [flops] = await page.numbers("flops");
  await page
    .detail()
    .getByRole("heading", { name: name?.trim() ?? "" })
    .waitFor();
  const text = await shownText(page.detail());
  expect(text).toMatch(/MAC/);
  const hover = await page
    .detail()
    .locator("tr", { hasText: "FLOPs" })
    .last()
    .locator(".figure")
    .getAttribute("title");
  expect(hover).toContain((flops ?? 0).toLocaleString("en-US"));
  expect(hover, "the formula").toMatch(/= .*sequence/);
  for (const section of ["Cost", "Inputs", "Outputs"]) {
    await page.detail().getByText(section, { exact: false }).first().waitFor();
  }
  await takePicture(window, "layers-dark", { inReadme: true });
});

it("follows the sizes in every figure", async () => {
  const before = await page.total("MACs");
  const [layerBefore] = await page.numbers("flops");
  await page.setSize("batch", 3);
  await until("three times the cost", async () => (await page.total("MACs")) === 3 * before);
  await until("a layer's cost", async () => (await page.numbers("flops"))[0] === 3 * (layerBefore ?? 0));
  await page.setSize("batch", 1);
  await until("the cost as it was", async () => (await page.total("MACs")) === before);
});

it("filters by words, and says how many layers are left", async () => {
  const all = Number(/[\d,]+/.exec(await shownText(page.footer()))?.[0].replaceAll(",", ""));
  await page.filter("softmax");
  const words = await until("fewer layers", async () => {
    const footer = await shownText(page.footer());
    return footer.includes(" of ") && footer;
  });
  const ops = await page.column("op");
  expect(new Set(ops)).toEqual(new Set(["Softmax"]));
  expect(words).toBe(`${ops.length} of ${all} layers`);
  await page.filter("nothing has this name");
  await page.frame.getByText("No layer passes the filter.").waitFor();
  await page.frame.getByRole("button", { name: "Clear the filter" }).click();
  await until("all layers", async () => (await shownText(page.footer())) === `${all} layers`);
});

it("groups by module with sums, folds and unfolds", async () => {
  const total = await page.total("FLOPs");
  await page.setGrouped(true);
  await page.frame.getByRole("button", { name: "Fold all", exact: true }).click();
  const folded = await until("folded modules", async () => {
    const numbers = await page.numbers("flops");
    return numbers.length > 0 && numbers.length < 20 && numbers;
  });
  expect(folded.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBe(total);
  await page.frame.getByRole("button", { name: "Unfold all", exact: true }).click();
  await until("unfolded modules", async () => (await page.numbers("flops")).length > folded.length);
});

it("moves by keys", async () => {
  const { window } = used;
  await page.setGrouped(false);
  await page.rows().first().click();
  await window.press("ArrowDown");
  await window.press("ArrowDown");
  await until(
    "the third row",
    async () => (await page.rows().nth(2).getAttribute("aria-selected")) === "true",
  );
  await window.press("End");
  await until("the last row", async () => {
    const last = page.rows().last();
    return (await last.getAttribute("aria-selected")) === "true";
  });
  await window.press("Home");
  await until(
    "the first row",
    async () => (await page.rows().first().getAttribute("aria-selected")) === "true",
  );
});

it("takes the filter command's key to the filter", async () => {
  const { window } = used;
  await window.press("ControlOrMeta+f");
  await page.frame
    .locator("vscode-textfield.layer-filter:focus, vscode-textfield.layer-filter:focus-within")
    .waitFor();
});
