import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { takePicture } from "./support/screenshots";
import { sourcesServer } from "./support/setup";
import { useWindow } from "./support/useWindow";
import { until } from "./support/window";

const MODEL = "encoder.onnx";
const used = useWindow({ server: sourcesServer(), models: [`samples/${MODEL}`] });
let original: Buffer;

it("shows a model as text beside it, one line for each node", async () => {
  const { window, workspace } = used;
  original = readFileSync(workspace.path(MODEL));
  await window.openModel(MODEL);
  await window.runCommand("Onnxray: Open as Text to the Side");
  await window.textEditor().waitFor();
  await window.findInText("MatMul");
  await until("a node's line", async () => (await window.visibleText()).includes("MatMul"));
});

it("takes a fix from a code lens, and the model has unsaved changes", async () => {
  const { window } = used;
  await window.findInText("MatMul");
  await window.lenses().first().waitFor();
  await window.runCommand("View: Toggle Primary Side Bar Visibility");
  await takePicture(window, "text-dark", { inReadme: true });
  await window.runCommand("View: Toggle Primary Side Bar Visibility");
  await window
    .lenses()
    .filter({ hasText: /quanti[sz]e/i })
    .first()
    .click();
  await until("the dot of unsaved changes", () => window.isDirty(MODEL));
  await until("the new lines", async () => (await window.visibleText()).includes("DequantizeLinear"));
  expect(await window.notifications()).toEqual([]);
});

it("undoes and redoes in the text as in the model", async () => {
  const { window } = used;
  await window.textEditor().locator(".view-lines").click();
  await window.press("ControlOrMeta+z");
  await until("a clean model", async () => !(await window.isDirty(MODEL)));
  await until(
    "the lines as they were",
    async () => !(await window.visibleText()).includes("DequantizeLinear"),
  );
  await window.textEditor().locator(".view-lines").click();
  await window.press("ControlOrMeta+Shift+z");
  await until("unsaved changes again", () => window.isDirty(MODEL));
  await until("the new lines again", async () => (await window.visibleText()).includes("DequantizeLinear"));
});

it("saves, and the edit is there when the model is opened again", async () => {
  const { window, workspace } = used;
  await window.textEditor().locator(".view-lines").click();
  await window.press("ControlOrMeta+s");
  await until("a saved model", async () => !(await window.isDirty(MODEL)));
  const saved = readFileSync(workspace.path(MODEL));
  expect(saved.length).toBeLessThan(original.length);
  await window.runCommand("View: Close All Editors");
  await until("closed editors", async () => (await window.tab(MODEL).count()) === 0);
  await window.openModel(MODEL);
  await window.runCommand("Onnxray: Open as Text to the Side");
  await window.textEditor().waitFor();
  await window.findInText("DequantizeLinear");
  await until("the edit", async () => (await window.visibleText()).includes("DequantizeLinear"));
  expect(await window.notifications()).toEqual([]);
});
