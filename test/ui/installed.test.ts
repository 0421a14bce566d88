import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ModelPage } from "./support/modelPage";
import { takePicture } from "./support/screenshots";
import { installedServer } from "./support/setup";
import { useWindow } from "./support/useWindow";
import { until } from "./support/window";

const MODEL = "encoder.onnx";
const PROFILE_MS = 60_000;
const used = useWindow({ server: installedServer(), models: [`samples/${MODEL}`] });
let page: ModelPage;

it("opens a model with the package that users install", async () => {
  page = new ModelPage(await used.window.openModel(MODEL));
  expect(await page.total("Parameters")).toBeGreaterThan(500_000);
  await takePicture(used.window, "installed");
});

it("profiles with the native files of the package", async () => {
  await page.frame.locator(".model-header .actions").getByRole("button", { name: "Profile" }).click();
  await page.frame.locator(".results").waitFor({ timeout: PROFILE_MS });
});

it("quantises the layer that weighs most, undoes, redoes and saves", async () => {
  const { window, workspace } = used;
  const original = readFileSync(workspace.path(MODEL));
  await page.openView("Layers");
  await page.setGrouped(false);
  await page.sortDown("Weights");
  await page.rows().filter({ hasText: "MatMul" }).first().click();
  const weights = await page.total("Weights");
  await page.detail().getByRole("button", { name: "Apply" }).first().click();
  await until("smaller weights", async () => (await page.total("Weights")) < weights);
  await until("unsaved changes", () => window.isDirty(MODEL));
  const header = page.frame.locator(".model-header");
  await header.getByRole("button", { name: "Undo" }).click();
  await until("a clean model", async () => !(await window.isDirty(MODEL)));
  await until("the weights as they were", async () => (await page.total("Weights")) === weights);
  await header.getByRole("button", { name: "Redo" }).click();
  await until("unsaved changes again", () => window.isDirty(MODEL));
  await window.press("ControlOrMeta+s");
  await until("a saved model", async () => !(await window.isDirty(MODEL)));
  expect(readFileSync(workspace.path(MODEL)).length).toBeLessThan(original.length);
  expect(await window.notifications()).toEqual([]);
});
