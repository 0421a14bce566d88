import { expect, test } from "vitest";
import { modelMentions } from "../../src/host/python/modelMentions";

function found(source: string) {
  return modelMentions(source).map(({ call, path }) => `${call} ${path}`);
}

test.each([
  ['s = ort.InferenceSession("a.onnx")', "a.onnx"],
  ["s = InferenceSession('dir/a.onnx', providers=['CPUExecutionProvider'])", "dir/a.onnx"],
  ["onnxruntime.InferenceSession(sess_options=o, path_or_bytes='a.onnx')", "a.onnx"],
  ['ort.InferenceSession(Path("models") / "a.onnx")', "models/a.onnx"],
  ['ort.InferenceSession(str(pathlib.Path("models", "a.ONNX")))', "models/a.ONNX"],
  ['ort.InferenceSession(os.path.join("models", "a.onnx"), so)', "models/a.onnx"],
  ['ort.InferenceSession(Path(__file__).parent / "a.onnx")', "./a.onnx"],
  ['ort.InferenceSession(Path(__file__).resolve().parent.parent / "m" / "a.onnx")', "./../m/a.onnx"],
  ['ort.InferenceSession(os.path.join(os.path.dirname(__file__), "a.onnx"))', "./a.onnx"],
  [String.raw`ort.InferenceSession(r"C:\models\a.onnx")`, String.raw`C:\models\a.onnx`],
  [String.raw`ort.InferenceSession("models\\a.onnx")`, String.raw`models\a.onnx`],
  ['ort.InferenceSession("mod" "els/a.onnx")', "models/a.onnx"],
  ['ort.InferenceSession(f"a.onnx")', "a.onnx"],
  ['ort.InferenceSession("""a.onnx""")', "a.onnx"],
  ["ort.InferenceSession(  # why\n    ('a.onnx'),\n)", "a.onnx"],
])("a session reads: %s", (source, path) => {
  expect(found(source)).toEqual([`InferenceSession ${path}`]);
});

test.each([
  ['torch.onnx.export(model, args, "a.onnx")', "a.onnx"],
  ['torch.onnx.export(net(x)[0], (a, {"k": b}), "out/a.onnx", opset_version=17)', "out/a.onnx"],
  ["torch.onnx.export(model, f='a.onnx', args=(x,))", "a.onnx"],
  ["onnx.export(\n  model,\n  (x, y),\n  f = Path('a.onnx'),\n)", "a.onnx"],
])("an export writes: %s", (source, path) => {
  expect(found(source)).toEqual([`torch.onnx.export ${path}`]);
});

test.each([
  ["# ort.InferenceSession('a.onnx')"],
  ["'''\nort.InferenceSession(\"a.onnx\")\n'''"],
  ["text = \"InferenceSession('a.onnx')\""],
  ["ort.InferenceSession(path)"],
  ['ort.InferenceSession(f"{name}.onnx")'],
  ['ort.InferenceSession(b"a.onnx")'],
  ['ort.InferenceSession("a.ort")'],
  ['ort.InferenceSession(find("a.onnx"))'],
  ['ort.InferenceSession(root / "a.onnx")'],
  ["def InferenceSession('a.onnx'): pass"],
  ["class InferenceSession('a.onnx'): pass"],
  ['module.export(model, args, "a.onnx")'],
  ['torch.onnx.export(model, "a.onnx")'],
  ['torch.onnx.export(model, args=x, "a.onnx")'],
  ["ort.InferenceSession('a.onnx"],
  ["ort.InferenceSession('a.onnx'"],
  ["ort.InferenceSession()"],
  ["InferenceSession"],
  [""],
])("no path can be read off: %s", (source) => {
  expect(found(source)).toEqual([]);
});

test("several calls are found where they begin, each with its own path", () => {
  const source = `x = "it's"\na = ort.InferenceSession("a.onnx")\ntorch.onnx.export(m, x, "b.onnx")\n`;
  expect(modelMentions(source).map(({ offset, path }) => [source.slice(offset).split("(")[0], path])).toEqual(
    [
      ["InferenceSession", "a.onnx"],
      ["export", "b.onnx"],
    ],
  );
});
