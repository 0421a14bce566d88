import { existsSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { InferenceSession, listSupportedBackends } from "onnxruntime-node";
import type { ProviderId, ProviderInfo } from "../protocol/profiler";
import { PROBE_MODEL } from "./probeModel";
import { runtimeMessage } from "./runtimeMessage";

interface Provider {
  readonly title: string;
  readonly platforms: readonly NodeJS.Platform[];
  /** What it needs, as a sentence. */
  readonly needs: string;
  /** File beside onnxruntime's own library that holds the provider, where it is not built in. */
  readonly library?: string;
}

const PROVIDERS: { readonly [id in ProviderId]: Provider } = {
  cpu: { title: "CPU", platforms: ["linux", "win32", "darwin"], needs: "" },
  webgpu: {
    title: "WebGPU",
    platforms: ["linux", "win32", "darwin"],
    needs: "It needs a GPU with a Vulkan, Direct3D 12 or Metal driver.",
  },
  cuda: {
    title: "CUDA",
    platforms: ["linux"],
    needs: "It needs an NVIDIA GPU, its driver, the CUDA and cuDNN libraries, and onnxruntime's CUDA files.",
    library: "libonnxruntime_providers_cuda.so",
  },
  tensorrt: {
    title: "TensorRT",
    platforms: ["linux"],
    needs:
      "It needs an NVIDIA GPU, its driver, the CUDA and TensorRT libraries, and onnxruntime's CUDA files.",
    library: "libonnxruntime_providers_tensorrt.so",
  },
  dml: {
    title: "DirectML",
    platforms: ["win32"],
    needs: "It needs a GPU with a Direct3D 12 driver.",
  },
  coreml: { title: "Core ML", platforms: ["darwin"], needs: "It needs an Apple processor." },
};

/** Providers that onnxruntime has for this platform, whether they work or not. */
export function candidates(): Pick<ProviderInfo, "id" | "title">[] {
  return (Object.keys(PROVIDERS) as ProviderId[])
    .filter((id) => PROVIDERS[id].platforms.includes(process.platform))
    .map((id) => ({ id, title: PROVIDERS[id].title }));
}

/** Finds out whether a provider works by creating a tiny session with it. */
export async function probe(id: ProviderId): Promise<ProviderInfo> {
  const { title, needs, library } = PROVIDERS[id];
  const unavailable = (why: string): ProviderInfo => ({
    id,
    title,
    available: false,
    detail: `${why} ${needs}`.trim(),
  });
  if (!isBuiltIn(id)) {
    return unavailable("This build of onnxruntime does not have it.");
  }
  if (library !== undefined && !existsSync(join(librariesFolder(), library))) {
    return unavailable(
      `${library} is not there: onnxruntime-node comes without it, and its install step downloads it.`,
    );
  }
  try {
    const session = await InferenceSession.create(PROBE_MODEL, {
      executionProviders: [id],
      logSeverityLevel: 4,
    });
    await session.release();
    return { id, title, available: true, detail: deviceOf(id) };
  } catch (thrown) {
    return unavailable(`onnxruntime says: ${runtimeMessage(thrown).split("\n", 1)[0]!.replace(/\.$/, "")}.`);
  }
}

/** onnxruntime passes over a provider that it was built without, and runs on the processor: ask before. */
export function isBuiltIn(id: ProviderId): boolean {
  return listSupportedBackends().some(({ name }) => name === id);
}

/** onnxruntime names no adapter to its callers; the processor names itself. */
export function deviceOf(id: ProviderId): string {
  if (id === "cpu") {
    const all = cpus();
    return `${all[0]?.model.trim() ?? process.arch}, ${all.length} logical cores`;
  }
  return id === "webgpu" ? "default WebGPU adapter" : PROVIDERS[id].title;
}

function librariesFolder(): string {
  const entry = require.resolve("onnxruntime-node");
  return join(dirname(entry), "..", "bin", "napi-v6", process.platform, process.arch);
}
