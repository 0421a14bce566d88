import { expect, it } from "vitest";
import { ModelPage } from "./support/modelPage";
import { takePicture } from "./support/screenshots";
import { sourcesServer } from "./support/setup";
import { useWindow } from "./support/useWindow";
import { until } from "./support/window";

const MODEL = "encoder.onnx";
const used = useWindow({ server: sourcesServer(), models: [`samples/${MODEL}`], width: 1440, height: 900 });

it("lists the fixes of a model by kind, and takes those that are chosen as one step", async () => {
  const { window } = used;
  const page = new ModelPage(await window.openModel(MODEL));
  await page.frame.getByRole("button", { name: /^All \d+…/ }).click();
  const dialog = page.frame.getByRole("dialog");
  await dialog.waitFor();
  await takePicture(window, "fixes-dialog-dark");
  await dialog
    .locator("vscode-button", { hasText: /^Apply/ })
    .first()
    .click();
  await until("unsaved changes", () => window.isDirty(MODEL));
  await window.runCommand("Undo");
  await until("a clean model", async () => !(await window.isDirty(MODEL)));
});

it("shows a fix of the light bulb as a difference of the text before it is taken", async () => {
  const { window } = used;
  await window.runCommand("Onnxray: Open as Text to the Side");
  await window.textEditor().waitFor();
  await window.findInText("MatMul");
  await window.textEditor().locator(".view-lines").waitFor();
  await window.press("ControlOrMeta+.");
  const row = window.page.locator(".action-widget .monaco-list-row", { hasText: /Preview/ }).first();
  await row.waitFor();
  await takePicture(window, "light-bulb-dark");
  await row.click();
  await window.page.locator(".monaco-diff-editor").first().waitFor();
  // The title says what the whole model would lose.
  await window.page.locator(".tab", { hasText: /MiB → [\d.]+ MiB/ }).waitFor();
  await window.page.locator(".monaco-diff-editor [class*='delete']").first().waitFor({ state: "attached" });
  await takePicture(window, "preview-dark");
  expect(await window.isDirty(MODEL)).toBe(false);
});
