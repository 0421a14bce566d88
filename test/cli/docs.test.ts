import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ACTIONS } from "../../src/core/actions/index";
import { tempFolder } from "../support/tempFolder";
import { jsonOf, MODELS, onnxray, ROOT, SAMPLE } from "./support/cli";

const page = readFileSync(join(ROOT, "docs/cli.md"), "utf8");

/** Text between a heading and the next. */
function section(heading: string): string {
  const start = page.indexOf(`# ${heading}\n`);
  expect(start, heading).toBeGreaterThan(-1);
  return page.slice(start + heading.length + 3).split(/\n##/)[0]!;
}

/** The words of a text that are set as code. */
function codeWords(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, code]) => code!.match(/[A-Za-z]\w*/g) ?? []));
}

/** Names of all fields, at any depth; those of `dims` are the model's own. */
function fieldsOf(value: unknown): string[] {
  if (Array.isArray(value)) {
    return value.flatMap(fieldsOf);
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([name, inner]) => [
    name,
    ...(name === "dims" ? [] : fieldsOf(inner)),
  ]);
}

const bert = join(MODELS, "bert-torchscript.onnx");
const shared = () => codeWords(section("onnxray.inspect/1"));
const tensorWords = () => new Set([...shared(), ...codeWords(section("onnxray.parameters/1"))]);

test.each([
  ["onnxray.inspect/1", ["inspect", bert, "--group"], () => shared()],
  ["onnxray.attention/1", ["inspect", bert, "--attention"], () => shared()],
  ["onnxray.profile/1", ["profile", bert, "--runs", "2"], shared],
  ["onnxray.parameters/1", ["inspect", bert, "--copies"], shared],
  ["onnxray.tensor/1", ["inspect", bert, "--tensor", "onnx::MatMul_312"], tensorWords],
  ["onnxray.compact/1", ["compact", bert, "-o"], () => codeWords(section("onnxray.optimize/1"))],
  ["onnxray.optimize/1", ["optimize", SAMPLE, "-o"], () => codeWords(section("Recipes"))],
] as const)("every field of %s is documented", async (schema, args, also) => {
  const output = args.at(-1) === "-o" ? [join(tempFolder(), "o.onnx")] : [];
  const report = await jsonOf<{ schema: string }>(...args, ...output);
  expect(report.schema).toBe(schema);
  const documented = new Set([...codeWords(section(schema)), ...also()]);
  expect([...new Set(fieldsOf(report))].filter((field) => !documented.has(field))).toEqual([]);
});

test.each(["inspect", "profile", "optimize", "compact"])(
  "every option of %s is documented",
  async (command) => {
    const { stdout } = await onnxray("help", command);
    const options = stdout.match(/^ +(?:-\w, )?--[\w-]+/gm)!.map((line) => line.replace(/^.*--/, "--"));
    expect(options.length).toBeGreaterThan(3);
    const own = section(command);
    expect(
      options.filter(
        (option) => option !== "--help" && !own.includes(option) && !own.includes(`-${option[2]}`),
      ),
    ).toEqual([]);
  },
);

test("every column of --csv is documented", async () => {
  const { stdout } = await onnxray("inspect", bert, "--csv", "--top", "1");
  const documented = codeWords(section("Columns of --csv"));
  expect(
    stdout
      .split("\n")[0]!
      .split(",")
      .filter((column) => !documented.has(column)),
  ).toEqual([]);
});

test("every action of optimize is documented, with its parameters", () => {
  const words = codeWords(section("Actions"));
  for (const { id, params = [] } of ACTIONS) {
    for (const name of [id, ...params.map((param) => param.name)]) {
      expect(words, name).toContain(name);
    }
  }
});
