import { cpus } from "node:os";
import { InferenceSession, listSupportedBackends } from "onnxruntime-node";
import type { ProviderId, ProviderInfo } from "../protocol/profiler";
import { PROBE_MODEL } from "./probeModel";

const TITLES: { readonly [id in ProviderId]: string } = {
  cpu: "CPU",
  webgpu: "WebGPU",
  cuda: "CUDA",
  tensorrt: "TensorRT",
  dml: "DirectML",
  coreml: "Core ML",
};

const PLATFORMS: { readonly [id in ProviderId]: readonly NodeJS.Platform[] } = {
  cpu: ["linux", "win32", "darwin"],
  webgpu: ["linux", "win32", "darwin"],
  cuda: ["linux"],
  tensorrt: ["linux"],
  dml: ["win32"],
  coreml: ["darwin"],
};

const HINTS: { readonly [id in ProviderId]?: string } = {
  webgpu: "A GPU with a Vulkan, Direct3D 12 or Metal driver is needed.",
  cuda: "onnxruntime's CUDA provider libraries and an NVIDIA driver are needed.",
  tensorrt: "onnxruntime's TensorRT provider libraries, TensorRT and an NVIDIA driver are needed.",
};

/** What can run here, found out by creating a tiny session with each provider. */
export async function listProviders(): Promise<readonly ProviderInfo[]> {
  const bundled = new Set(listSupportedBackends().map(({ name }) => name));
  const candidates = (Object.keys(TITLES) as ProviderId[]).filter((id) =>
    PLATFORMS[id].includes(process.platform),
  );
  const found: ProviderInfo[] = [];
  for (const id of candidates) {
    found.push(await probe(id, bundled.has(id)));
  }
  return found;
}

async function probe(id: ProviderId, listed: boolean): Promise<ProviderInfo> {
  const title = TITLES[id];
  const hint = HINTS[id] ?? "";
  if (!listed) {
    return {
      id,
      title,
      available: false,
      detail: `This build of onnxruntime does not have it. ${hint}`.trim(),
    };
  }
  try {
    const session = await InferenceSession.create(PROBE_MODEL, {
      executionProviders: [id],
      logSeverityLevel: 4,
    });
    await session.release();
    return { id, title, available: true, detail: deviceOf(id) };
  } catch (thrown) {
    return { id, title, available: false, detail: `${firstLine(thrown)} ${hint}`.trim() };
  }
}

/** onnxruntime names no adapter to its callers; the processor names itself. */
export function deviceOf(id: ProviderId): string {
  if (id === "cpu") {
    const all = cpus();
    return `${all[0]?.model.trim() ?? process.arch}, ${all.length} logical cores`;
  }
  return id === "webgpu" ? "default WebGPU adapter" : TITLES[id];
}

function firstLine(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.split("\n", 1)[0]!.slice(0, 300);
}
