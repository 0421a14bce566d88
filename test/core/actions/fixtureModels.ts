import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Tensor } from "onnxruntime-node";
import { type Level, runInRuntime } from "../../support/runtime";
import { tempFolder } from "../../support/tempFolder";
import { Opened } from "./opened";

export interface FixtureModel {
  readonly name: string;
  readonly path: string;
}

const dataOf = ({ path }: FixtureModel): string => `${path}.data`;

export function openFixture(fixture: FixtureModel): Opened {
  const data = dataOf(fixture);
  return Opened.of(
    readFileSync(fixture.path),
    existsSync(data) ? { [basename(data)]: readFileSync(data) } : {},
  );
}

/** Runs what became of a fixture; its weights beside the file are found by the folder. */
export function runChanged(
  fixture: FixtureModel,
  bytes: Uint8Array,
  feeds: { readonly [name: string]: Tensor },
  level: Level = "disabled",
): ReturnType<typeof runInRuntime> {
  const data = dataOf(fixture);
  if (!existsSync(data)) {
    return runInRuntime(bytes, feeds, { level });
  }
  const folder = tempFolder();
  copyFileSync(data, join(folder, basename(data)));
  const file = join(folder, `${fixture.name}.onnx`);
  writeFileSync(file, bytes);
  return runInRuntime(file, feeds, { level });
}
