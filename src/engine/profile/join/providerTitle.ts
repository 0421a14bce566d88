const TITLES: { readonly [provider: string]: string } = {
  CPUExecutionProvider: "CPU",
  WebGpuExecutionProvider: "WebGPU",
  CUDAExecutionProvider: "CUDA",
  TensorrtExecutionProvider: "TensorRT",
  DmlExecutionProvider: "DirectML",
  CoreMLExecutionProvider: "Core ML",
};

/** onnxruntime's name of a provider in a trace, as people call it. */
export function providerTitle(name: string): string {
  return TITLES[name] ?? name.replace(/ExecutionProvider$/, "");
}
