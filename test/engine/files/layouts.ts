import { linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { linearModel, onnxModel } from "../../support/onnxBuilder";
import { floats } from "../../support/wire";

/** A folder with a model whose weights W lie in a side file, and whether it may be read. */
export interface Layout {
  readonly title: string;
  readonly location: string;
  /** Makes the files in `folder`, which holds nothing yet; answers the path to open. */
  readonly make: (folder: string, model: Uint8Array) => string;
  readonly outcome: "read" | "refused" | "missing" | "io";
  /** onnxruntime stops reading the name at its zero byte, so that two readers would see two different files. */
  readonly onnxruntimeReads?: true;
}

/** The elements of W, 1 to 12. */
export const WEIGHTS = floats(Array.from({ length: 12 }, (_, index) => index + 1));

/** y = x·W + b with W, 48 bytes, at that location. */
export function externalModel(
  location: string,
  entries: { offset?: string; length?: string } = {},
): Uint8Array {
  const { graph } = linearModel();
  return onnxModel({
    graph: {
      ...graph,
      initializers: [
        { name: "W", type: "float32", dims: [4, 3], external: { location, ...entries } },
        graph.initializers![1]!,
      ],
    },
  });
}

function inside(folder: string, model: Uint8Array): string {
  mkdirSync(join(folder, "model"));
  const path = join(folder, "model", "m.onnx");
  writeFileSync(path, model);
  return path;
}

/** Weights at `place`, relative to the folder that holds the model's own folder. */
function withWeightsAt(place: string, also: (folder: string) => void = () => {}): Layout["make"] {
  return (folder, model) => {
    const path = inside(folder, model);
    mkdirSync(join(folder, place, ".."), { recursive: true });
    writeFileSync(join(folder, place), WEIGHTS);
    also(folder);
    return path;
  };
}

const linked = (target: string, place: string) => (folder: string) =>
  symlinkSync(target, join(folder, place));

export const LAYOUTS: readonly Layout[] = [
  { title: "beside the model", location: "w.bin", make: withWeightsAt("model/w.bin"), outcome: "read" },
  { title: "with ./ in front", location: "./w.bin", make: withWeightsAt("model/w.bin"), outcome: "read" },
  { title: "in a folder below", location: "d/w.bin", make: withWeightsAt("model/d/w.bin"), outcome: "read" },
  {
    title: ".. that stays inside",
    location: "d/../w.bin",
    make: withWeightsAt("model/w.bin", (folder) => mkdirSync(join(folder, "model/d"))),
    outcome: "read",
  },
  { title: "not there", location: "w.bin", make: inside, outcome: "missing" },
  { title: "in the folder above", location: "../w.bin", make: withWeightsAt("w.bin"), outcome: "refused" },
  {
    title: "above by a way round",
    location: "d/../../w.bin",
    make: withWeightsAt("w.bin", (folder) => mkdirSync(join(folder, "model/d"))),
    outcome: "refused",
  },
  {
    title: "in a folder whose name begins like the model's",
    location: "../model2/w.bin",
    make: withWeightsAt("model2/w.bin"),
    outcome: "refused",
  },
  {
    title: "a link inside the folder",
    location: "w.bin",
    make: withWeightsAt("model/real.bin", linked("real.bin", "model/w.bin")),
    outcome: "read",
  },
  {
    title: "a link out of the folder",
    location: "w.bin",
    make: withWeightsAt("w.bin", linked("../w.bin", "model/w.bin")),
    outcome: "refused",
  },
  {
    title: "a link to a link out of the folder",
    location: "w.bin",
    make: withWeightsAt("w.bin", (folder) => {
      linked("../w.bin", "model/one.bin")(folder);
      linked("one.bin", "model/w.bin")(folder);
    }),
    outcome: "refused",
  },
  {
    title: "a linked folder that leads out",
    location: "d/w.bin",
    make: withWeightsAt("other/w.bin", linked("../other", "model/d")),
    outcome: "refused",
  },
  {
    title: "a broken link",
    location: "w.bin",
    make: withWeightsAt("model/x.bin", linked("nowhere", "model/w.bin")),
    outcome: "missing",
  },
  {
    title: "a link in a circle",
    location: "w.bin",
    make: withWeightsAt("model/x.bin", linked("w.bin", "model/w.bin")),
    outcome: "io",
  },
  {
    title: "a hard link",
    location: "w.bin",
    make: withWeightsAt("w.bin", (folder) => linkSync(join(folder, "w.bin"), join(folder, "model/w.bin"))),
    outcome: "read",
  },
  {
    title: "model and data as links into a store, as download caches lay them out",
    location: "w.bin",
    make: (folder, model) => {
      mkdirSync(join(folder, "blobs"));
      mkdirSync(join(folder, "snapshot"));
      writeFileSync(join(folder, "blobs", "aaa"), model);
      writeFileSync(join(folder, "blobs", "bbb"), WEIGHTS);
      symlinkSync("../blobs/aaa", join(folder, "snapshot", "m.onnx"));
      symlinkSync("../blobs/bbb", join(folder, "snapshot", "w.bin"));
      return join(folder, "snapshot", "m.onnx");
    },
    outcome: "read",
  },
  {
    title: "the model's folder reached through a link",
    location: "w.bin",
    make: (folder, model) => {
      withWeightsAt("model/w.bin")(folder, model);
      symlinkSync("model", join(folder, "way"));
      return join(folder, "way", "m.onnx");
    },
    outcome: "read",
  },
  {
    title: "a folder",
    location: "d",
    make: withWeightsAt("model/d/w.bin"),
    outcome: "refused",
  },
  {
    title: "the folder itself",
    location: ".",
    make: withWeightsAt("model/w.bin"),
    outcome: "refused",
  },
  {
    title: "below a file",
    location: "w.bin/w.bin",
    make: withWeightsAt("model/w.bin"),
    outcome: "missing",
  },
  {
    title: "a zero byte in the name",
    location: "w.bin\0.txt",
    make: withWeightsAt("model/w.bin"),
    outcome: "refused",
    onnxruntimeReads: true,
  },
  {
    title: "a drive letter",
    location: "C:\\w.bin",
    make: withWeightsAt("model/w.bin"),
    outcome: "refused",
  },
  {
    title: "a network share",
    location: "\\\\server\\share\\w.bin",
    make: withWeightsAt("model/w.bin"),
    outcome: "refused",
  },
  {
    title: ".. with backslashes",
    location: "..\\w.bin",
    make: withWeightsAt("w.bin"),
    outcome: "refused",
  },
  {
    title: "a name longer than any",
    location: "w".repeat(5000),
    make: withWeightsAt("model/w.bin"),
    outcome: "io",
  },
];
