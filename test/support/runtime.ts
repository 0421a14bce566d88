import { InferenceSession, Tensor } from "onnxruntime-node";

export type Level = "disabled" | "basic" | "extended" | "all";

/** A float32 tensor to feed. */
export function feed(values: ArrayLike<number>, dims: readonly number[]): Tensor {
  return new Tensor("float32", Float32Array.from(values), [...dims]);
}

/**
 * Runs a model in onnxruntime on the CPU; every output as numbers, float16 decoded by onnxruntime's own typed array or
 * left as bits. `session` entries are onnxruntime's session configuration.
 */
export async function runInRuntime(
  model: Uint8Array | string,
  feeds: { readonly [name: string]: Tensor },
  options: { readonly level?: Level; readonly session?: { readonly [key: string]: string } } = {},
): Promise<{ readonly [output: string]: ArrayLike<number> }> {
  const settings: InferenceSession.SessionOptions = {
    executionProviders: ["cpu"],
    graphOptimizationLevel: options.level ?? "all",
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
    ...(options.session === undefined ? {} : { extra: { session: options.session } }),
  };
  const session =
    typeof model === "string"
      ? await InferenceSession.create(model, settings)
      : await InferenceSession.create(model, settings);
  try {
    const results = await session.run(feeds);
    return Object.fromEntries(
      Object.entries(results).map(([name, { data }]) => [name, data as ArrayLike<number>]),
    );
  } finally {
    await session.release();
  }
}

/** 10·log10(Σa²/Σ(a-b)²): how much stronger the signal is than what was lost of it. */
export function sqnrDb(exact: ArrayLike<number>, approximate: ArrayLike<number>): number {
  let signal = 0;
  let noise = 0;
  for (let index = 0; index < exact.length; index++) {
    signal += exact[index]! ** 2;
    noise += (exact[index]! - approximate[index]!) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}
