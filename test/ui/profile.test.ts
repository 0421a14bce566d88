import { expect, it } from "vitest";
import { ModelPage } from "./support/modelPage";
import { takePicture } from "./support/screenshots";
import { sourcesServer } from "./support/setup";
import { useWindow } from "./support/useWindow";
import { shownText, until } from "./support/window";

const MODEL = "encoder.onnx";
const PROFILE_MS = 60_000;
const used = useWindow({ server: sourcesServer(), models: [`samples/${MODEL}`] });
let page: ModelPage;

it("profiles on the processor, and says what was measured", async () => {
  const { window } = used;
  page = new ModelPage(await window.openModel(MODEL));
  await page.frame.locator(".model-header .actions").getByRole("button", { name: "Profile" }).click();
  const results = page.frame.locator(".results");
  await results.waitFor({ timeout: PROFILE_MS });
  expect(await shownText(results)).toMatch(/Median \(p50\)\s+[\d.]+ (µs|ms|s)/);
  expect(await shownText(results)).toMatch(/CPU/i);
  await until("layers by time", async () => (await results.locator("tbody tr").count()) > 5);
  await window.runCommand("View: Toggle Primary Side Bar Visibility");
  await takePicture(window, "profile-dark", { inReadme: true });
});

it("joins the times to the layers", async () => {
  await page.frame.getByRole("button", { name: "All layers by time" }).click();
  const times = await until("times", async () => {
    const numbers = await page.numbers("time");
    return numbers.length > 10 && numbers.some((time) => time !== null) && numbers;
  });
  expect(times.slice(0, 5).every((time) => time !== null && time > 0)).toBe(true);
  expect(times.slice(0, 10)).toEqual([...times.slice(0, 10)].sort((a, b) => (b ?? -1) - (a ?? -1)));
});

it("profiles an edited model that was not saved", async () => {
  const { window } = used;
  await page.sortDown("Weights");
  await page.rows().filter({ hasText: "MatMul" }).first().click();
  await page.detail().getByRole("button", { name: "Apply" }).first().click();
  await until("unsaved changes", () => window.isDirty(MODEL));
  await page.openView("Profile");
  await page.frame.getByText("Measured before the last change").waitFor();
  await page.frame.getByText("Run Again").click();
  await until(
    "the measure of the edited model",
    async () => (await page.frame.getByText("Measured before the last change").count()) === 0,
    PROFILE_MS,
  );
});
