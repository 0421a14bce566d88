/** What a package holds on every platform; a name that ends in "/*.js" stands for all such files of the folder. */
export const COMMON_FILES = [
  "[Content_Types].xml",
  "extension.vsixmanifest",
  "extension/LICENSE.txt",
  "extension/ThirdPartyNotices.txt",
  "extension/changelog.md",
  "extension/package.json",
  "extension/readme.md",
  "extension/dist/cli.cjs",
  "extension/dist/compute.cjs",
  "extension/dist/engine.cjs",
  "extension/dist/extension.cjs",
  "extension/dist/profiler.cjs",
  "extension/dist/codicons/codicon.css",
  "extension/dist/codicons/codicon.ttf",
  "extension/dist/webview/attention.css",
  "extension/dist/webview/attention.js",
  "extension/dist/webview/model.css",
  "extension/dist/webview/model.js",
  "extension/dist/webview/parameters.css",
  "extension/dist/webview/parameters.js",
  "extension/media/file-dark.svg",
  "extension/media/file-light.svg",
  "extension/media/icon.png",
  "extension/media/onnxtxt.language-configuration.json",
  "extension/media/onnxtxt.tmLanguage.json",
  "extension/node_modules/onnxruntime-common/package.json",
  "extension/node_modules/onnxruntime-common/dist/cjs/package.json",
  "extension/node_modules/onnxruntime-common/dist/cjs/*.js",
  "extension/node_modules/onnxruntime-node/package.json",
  "extension/node_modules/onnxruntime-node/dist/*.js",
] as const;

export interface Platform {
  /** Folder of onnxruntime-node's native files. */
  readonly folder: string;
  readonly native: readonly string[];
  readonly maxMegabytes: number;
  readonly why: string;
}

/** Caps lie a tenth or so above what is there, so that a library that slips in is seen. */
export const PLATFORMS: { readonly [target: string]: Platform } = {
  "linux-x64": {
    folder: "linux/x64",
    native: ["libonnxruntime.so.1", "onnxruntime_binding.node"],
    maxMegabytes: 21,
    why: "onnxruntime with WebGPU inside; CUDA and TensorRT stay out",
  },
  "linux-arm64": {
    folder: "linux/arm64",
    native: ["libonnxruntime.so.1", "onnxruntime_binding.node"],
    maxMegabytes: 12,
    why: "onnxruntime for the processor alone",
  },
  "win32-x64": {
    folder: "win32/x64",
    native: ["DirectML.dll", "dxcompiler.dll", "dxil.dll", "onnxruntime.dll", "onnxruntime_binding.node"],
    maxMegabytes: 32,
    why: "DirectML, and the shader compiler that WebGPU needs there",
  },
  "win32-arm64": {
    folder: "win32/arm64",
    native: ["DirectML.dll", "dxcompiler.dll", "dxil.dll", "onnxruntime.dll", "onnxruntime_binding.node"],
    maxMegabytes: 33,
    why: "as on x64",
  },
  "darwin-arm64": {
    folder: "darwin/arm64",
    native: ["libonnxruntime.1.dylib", "onnxruntime_binding.node"],
    maxMegabytes: 15,
    why: "onnxruntime with Core ML and WebGPU inside, once and not under both of its names",
  },
};

/** Minified, in KiB: what each start pays for reading and compiling. Raise one only with a reason beside it. */
export const BUNDLE_KIB: { readonly [file: string]: number } = {
  /** Read at every start of VS Code's extension host that opens a model: no core, no engine in it. */
  "extension.cjs": 140,
  "engine.cjs": 800,
  /** Read by each thread of a save: kernels and readers of tensors, nothing else. */
  "compute.cjs": 80,
  "profiler.cjs": 120,
  "cli.cjs": 900,
  /** Parsed each time that an editor opens. */
  "webview/model.js": 500,
  "webview/model.css": 60,
  "webview/attention.js": 300,
  "webview/attention.css": 40,
  "webview/parameters.js": 300,
  "webview/parameters.css": 40,
};
