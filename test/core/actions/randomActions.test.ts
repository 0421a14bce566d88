import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { decodeFloats } from "../../../src/core/tensor/decode";
import { toHalf } from "../../../src/core/tensor/half";
import { FIXTURES } from "../../support/fixtures";
import { Random } from "../../support/random";
import { feed, sqnrDb } from "../../support/runtime";
import { fixtureFeeds } from "./fixtureFeeds";
import { type FixtureModel, openFixture, runChanged } from "./fixtureModels";
import { Opened } from "./opened";
import { type Done, takeRandom } from "./randomCalls";

// Without these it is always the same: a test must not fail because a day has passed.
const firstSeed = Number(process.env["ONNXRAY_ACTIONS_SEED"] ?? 1);
/** Lists of actions for each model. */
const lists = Number(process.env["ONNXRAY_ACTIONS_LISTS"] ?? 1);
const LONGEST = 5;

/** How near outputs stay, in dB; what is not named here leaves them as they are, but for the order of sums. */
const QUALITY: { readonly [action: string]: number } = {
  quantizeBlocks: 5,
  quantizeWeights: 20,
  setAccuracyLevel: 20,
  convertFloat16: 30,
  convertFloat32: 30,
};
const SAME = 90;
/** onnxruntime rounds between operators of float16, and which ones it does depends on the nodes around. */
const HALF = 30;

/** What is smaller is no longer a full number of float16. */
const SMALLEST_HALF = 2 ** -14;

type Outputs = { readonly [name: string]: ArrayLike<number> };

test.each(FIXTURES)(
  "$name: lists of actions are undone, saved, opened again and run",
  {
    timeout: 20_000 + 20_000 * lists,
  },
  async (fixture) => {
    const feeds = fixtureFeeds(fixture.name);
    const before = openFixture(fixture).saved();
    const wanted = await runChanged(fixture, before, feeds);
    for (let seed = firstSeed; seed < firstSeed + lists; seed++) {
      await tryList(
        fixture,
        new Random(1000 * seed + FIXTURES.indexOf(fixture)),
        feeds,
        wanted,
        `seed ${seed}`,
      );
    }
  },
);

async function tryList(
  fixture: FixtureModel,
  random: Random,
  feeds: { readonly [name: string]: Tensor },
  wanted: Outputs,
  name: string,
): Promise<void> {
  const opened = openFixture(fixture);
  const states = [{ text: opened.text(), bytes: opened.saved() }];
  const done: Done[] = [];
  for (let step = 1 + random.below(LONGEST); step > 0; step--) {
    const one = takeRandom(opened, feedsFor(opened, feeds, done), random);
    if (one !== undefined) {
      done.push(one);
      states.push({ text: opened.text(), bytes: opened.saved() });
    }
  }
  const what = `${name}: ${JSON.stringify(done)}`;
  const after = states.at(-1)!;

  const data = `${fixture.path}.data`;
  const files = existsSync(data) ? { [basename(data)]: readFileSync(data) } : {};
  const reopened = Opened.of(after.bytes, files);
  expect([what, reopened.text()]).toEqual([what, after.text]);
  expect([what, Buffer.compare(reopened.saved(), after.bytes)]).toEqual([what, 0]);

  const got = await runChanged(fixture, after.bytes, feedsFor(opened, feeds, done)).catch((thrown) => {
    throw new Error(`${what}: ${(thrown as Error).message}`);
  });
  const isHalf = fixture.name.includes("fp16") || done.some(({ action }) => action === "convertFloat16");
  expectNear(what, wanted, got, done, isHalf);

  for (const { text, bytes } of [...states].reverse().slice(1)) {
    opened.history.undo();
    expect([what, opened.text()]).toEqual([what, text]);
    expect([what, Buffer.compare(opened.saved(), bytes)]).toEqual([what, 0]);
  }
  while (opened.history.canRedo) {
    opened.history.redo();
  }
  expect([what, Buffer.compare(opened.saved(), after.bytes)]).toEqual([what, 0]);
}

/** The name that a value of the file has now. */
function nameNow(name: string, done: readonly Done[]): string {
  return done
    .filter(({ action }) => action === "renameValue")
    .reduce((now, { params }) => (params["from"] === now ? String(params["to"]) : now), name);
}

/** The feeds under the names and with the types that the inputs have now. */
function feedsFor(
  { model }: Opened,
  feeds: { readonly [name: string]: Tensor },
  done: readonly Done[],
): { readonly [name: string]: Tensor } {
  return Object.fromEntries(
    Object.entries(feeds).flatMap(([name, tensor]) => {
      const now = nameNow(name, done);
      const info = model.graph.inputs.find((input) => input.name === now);
      return info === undefined ? [] : [[now, asType(tensor, info.dtype ?? "")]];
    }),
  );
}

function asType(tensor: Tensor, dtype: string): Tensor {
  const { type, data, dims } = tensor;
  if (type === dtype || !["float16", "float32"].includes(type)) {
    return tensor;
  }
  return dtype === "float16"
    ? new Tensor("float16", Uint16Array.from(data as Float32Array, toHalf), dims)
    : feed(floats(data as Uint16Array), dims);
}

function floats(values: ArrayLike<number>): ArrayLike<number> {
  if (!(values instanceof Uint16Array)) {
    return values;
  }
  const decoded = new Float32Array(values.length);
  decodeFloats(
    "float16",
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    values.length,
    decoded,
  );
  return decoded;
}

function expectNear(
  what: string,
  wanted: Outputs,
  got: Outputs,
  done: readonly Done[],
  isHalf: boolean,
): void {
  const losses = done.map(({ action }) => QUALITY[action] ?? SAME);
  // Each rounding may add its share.
  const quality = Math.min(SAME, isHalf ? HALF : SAME, ...losses) - 2 * (done.length - 1);
  for (const [output, values] of Object.entries(wanted)) {
    const result = got[nameNow(output, done)];
    if (result === undefined) {
      expect([what, done.some(({ action }) => action === "extractModel")]).toEqual([what, true]);
    } else if (values instanceof Float32Array || values instanceof Uint16Array) {
      const [exact, near] = [floats(values), floats(result)];
      expect([what, near.length]).toEqual([what, exact.length]);
      const isBelowHalf = isHalf && Array.from(exact).every((value) => Math.abs(value) < SMALLEST_HALF);
      const isSame = isBelowHalf || Array.from(exact).every((value, index) => Object.is(value, near[index]));
      const found = isSame ? Number.POSITIVE_INFINITY : sqnrDb(exact, near);
      expect([what, output, found]).toSatisfy(([, , one]) => one > quality);
    } else if (quality >= SAME - 2 * LONGEST) {
      expect([what, result]).toEqual([what, values]);
    }
  }
}
