import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ModelPage } from "./support/modelPage";
import { takePicture } from "./support/screenshots";
import { root, sourcesServer } from "./support/setup";
import { setTheme, THEMES } from "./support/theme";
import { useWindow } from "./support/useWindow";
import { shownText, until } from "./support/window";

const MODEL = "vit.onnx";
const used = useWindow({
  server: sourcesServer(),
  models: [`test/fixtures/models/${MODEL}`, "samples/encoder.onnx"],
  others: { "broken.onnx": "this is not a model" },
});

it("says what is wrong with a broken file, and opens it once it is mended", async () => {
  const { window, workspace } = used;
  const page = new ModelPage(await window.openModel("broken.onnx"));
  await until("the error", async () => (await shownText(page.heading())) === "broken.onnx cannot be shown");
  expect((await shownText(page.frame.getByRole("alert"))).length).toBeGreaterThan(60);
  await takePicture(window, "error-dark");
  copyFileSync(workspace.path(MODEL), workspace.path("broken.onnx"));
  await page.frame.getByRole("button", { name: "Reload" }).click();
  await until("the model", async () => (await shownText(page.heading())) === "broken.onnx");
});

it("offers to read a file again that changed on disk", async () => {
  const { window, workspace } = used;
  const page = new ModelPage(await window.openModel(MODEL));
  const before = await page.total("Parameters");
  copyFileSync(join(root, "test", "fixtures", "models", "resnet.onnx"), workspace.path(MODEL));
  await page.frame.getByText("The file changed on disk.").waitFor();
  expect(await page.total("Parameters")).toBe(before);
  await takePicture(window, "changed-on-disk-dark");
  await page.frame.getByRole("button", { name: "Reload" }).click();
  await until("the other model", async () => (await page.total("Parameters")) !== before);
  expect(await page.frame.getByText("The file changed on disk.").count()).toBe(0);
});

it("says so when the file is deleted", async () => {
  const { window, workspace } = used;
  const page = new ModelPage(await window.openModel(MODEL));
  rmSync(workspace.path(MODEL));
  await page.frame.getByText("The file was deleted or moved.").waitFor();
});

it("wears every theme of VS Code", async () => {
  const { window } = used;
  const page = new ModelPage(await window.openModel("encoder.onnx"));
  await window.runCommand("View: Toggle Primary Side Bar Visibility");
  for (const theme of Object.keys(THEMES) as (keyof typeof THEMES)[]) {
    await setTheme(window, theme);
    await page.openView("Overview");
    await page.frame.getByRole("region", { name: "Top layers" }).waitFor();
    await page.frame.locator(`body.${THEMES[theme].pageClass}`).waitFor();
    await takePicture(window, `overview-${theme}`, { inReadme: theme === "light" });
    await page.openView("Layers");
    await page.rows().first().click();
    await takePicture(window, `layers-${theme}`);
  }
  await setTheme(window, "dark");
});

it("works where there is little room", async () => {
  const { window } = used;
  await window.page.setViewportSize({ width: 520, height: 700 });
  const page = new ModelPage(await window.modelPage());
  for (const view of ["Overview", "Layers", "Profile"] as const) {
    await page.openView(view);
    await takePicture(window, `narrow-${view.toLowerCase()}`);
    const excess = await page.frame.evaluate(() => document.body.scrollWidth - document.body.clientWidth);
    expect(excess, `${view} is wider than its editor`).toBeLessThanOrEqual(0);
  }
});
