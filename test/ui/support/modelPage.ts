import type { Frame, Locator } from "playwright-core";
import { until } from "./window";

/** The page of a model, by the names that a person or a screen reader finds there. */
export class ModelPage {
  readonly frame: Frame;

  constructor(frame: Frame) {
    this.frame = frame;
  }

  /** The page's heading: the file's name, or what went wrong. */
  heading(): Locator {
    return this.frame.getByRole("heading", { level: 1 });
  }

  async openView(title: "Overview" | "Layers" | "Attention" | "Parameters" | "Profile"): Promise<void> {
    await this.frame.getByRole("tab", { name: title }).click();
    await this.frame.getByRole("tabpanel", { name: title }).waitFor();
  }

  /** A figure of the header with all its digits, as hovering it says. */
  async total(name: string): Promise<number> {
    const total = this.frame.locator(".model-header .total").filter({ hasText: name });
    const hover = (await total.locator(".figure").getAttribute("title")) ?? "";
    return firstNumber(/[\d,.]+ (?:parameters|bytes|MACs|FLOPs)/.exec(hover)?.[0] ?? "");
  }

  sizes(): Locator {
    return this.frame.getByLabel("Sizes", { exact: true });
  }

  async setSize(dim: string, value: number): Promise<void> {
    await this.sizes()
      .getByRole("spinbutton", { name: `${dim}, exact`, exact: true })
      .fill(String(value));
  }

  table(): Locator {
    return this.frame.locator(".layer-table");
  }

  rows(): Locator {
    return this.table().locator("[data-index]:not([aria-busy])");
  }

  /** Text of a column in the rows that are drawn, from the top. */
  async column(id: string): Promise<string[]> {
    return await this.rows().locator(`[data-column="${id}"]`).allInnerTexts();
  }

  /** Numbers of a column in the rows that are drawn, with all digits; null where it is not known. */
  async numbers(id: string): Promise<(number | null)[]> {
    const cells = this.rows().locator(`[data-column="${id}"]`);
    const hovers = await cells.evaluateAll((all) => all.map((cell) => cell.getAttribute("title") ?? ""));
    return hovers.map((hover) => (/\d/.test(hover.split("\n")[0] ?? "") ? firstNumber(hover) : null));
  }

  /** Sorts by a column until its arrow points down. */
  async sortDown(title: string): Promise<void> {
    const header = this.table().getByRole("columnheader", { name: title, exact: true });
    await until(`${title} sorted from the top`, async () => {
      if ((await header.getAttribute("aria-sort")) === "descending") {
        return true;
      }
      await header.getByRole("button").click();
      return false;
    });
  }

  async setGrouped(grouped: boolean): Promise<void> {
    const button = this.frame.getByRole("button", { name: "Group by module" });
    if ((await button.getAttribute("aria-pressed")) !== String(grouped)) {
      await button.click();
    }
    await this.frame.getByRole(grouped ? "treegrid" : "grid", { name: "Layers" }).waitFor();
  }

  async filter(words: string): Promise<void> {
    await this.frame.locator(".layer-filter input").fill(words);
  }

  /** Words below the table: how many layers are shown. */
  footer(): Locator {
    return this.table().locator(".foot span.name");
  }

  detail(): Locator {
    return this.frame.getByRole("complementary", { name: "Details" });
  }
}

function firstNumber(text: string): number {
  const digits = /\d[\d,]*(?:\.\d+)?/.exec(text)?.[0];
  return digits === undefined ? Number.NaN : Number(digits.replaceAll(",", ""));
}
