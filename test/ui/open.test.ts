import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ModelPage } from "./support/modelPage";
import { root, sourcesServer } from "./support/setup";
import { useWindow } from "./support/useWindow";
import { shownText, until } from "./support/window";

const FIXTURES = ["vit", "resnet", "bert-external", "gpt2-decode", "llama-prefill"];
const FOLDER = "test/fixtures/models";

/** What PyTorch's own counter said when the fixture was exported. */
interface Facts {
  readonly bindings: readonly {
    readonly dims: { readonly [dim: string]: number };
    readonly flops: { readonly total: number };
  }[];
}

const used = useWindow({
  server: sourcesServer(),
  models: [...FIXTURES.map((name) => `${FOLDER}/${name}.onnx`), `${FOLDER}/bert-external.onnx.data`],
});

it.each(FIXTURES)("%s opens, and costs at two sizes what PyTorch counts", async (name) => {
  const { window } = used;
  const facts = JSON.parse(readFileSync(join(root, FOLDER, `${name}.facts.json`), "utf8")) as Facts;
  expect(facts.bindings.length).toBeGreaterThan(1);
  const page = new ModelPage(await window.openModel(`${name}.onnx`));
  expect(await shownText(page.heading())).toBe(`${name}.onnx`);
  for (const { dims, flops } of facts.bindings) {
    for (const [dim, size] of Object.entries(dims)) {
      await page.setSize(dim, size);
    }
    await until(`${flops.total / 2} MACs`, async () => (await page.total("MACs")) * 2 === flops.total);
  }
  expect(await window.notifications()).toEqual([]);
});
