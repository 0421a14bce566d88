import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { ModelError } from "../../core/errors";
import type { ProfilerApi, ProfilerEvents } from "../../protocol/profiler";
import { childPort, createPeer, type Peer } from "../../rpc/node";

type Nothing = Record<never, never>;
export type ProfilerPeer = Peer<ProfilerApi, ProfilerEvents, Nothing>;

/** Enough of what a process said last to name the cause of its end. */
const STDERR_KEPT = 4096;
const STDERR_LINES = 3;

/**
 * Runs `use` with a profiler process of its own, which is gone when this settles: onnxruntime runs synchronously, and
 * a process is the only thing that can be stopped in the middle of a run, or that may crash without hurting anybody.
 *
 * @throws ModelError "cancelled" when the signal aborts, "provider" when the process ends by itself
 */
export async function withProfiler<T>(
  profilerPath: string,
  signal: AbortSignal,
  use: (peer: ProfilerPeer) => Promise<T>,
): Promise<T> {
  throwIfCancelled(signal);
  if (!existsSync(profilerPath)) {
    throw new ModelError(
      "missing",
      "The profiler's program file is not there.",
      { file: profilerPath },
      "Install the extension again.",
    );
  }
  const child = fork(profilerPath, [], {
    serialization: "advanced",
    execArgv: [],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: childEnvironment(),
  });
  const exited = exitOf(child);
  const peer = createPeer<Nothing, Nothing, ProfilerApi, ProfilerEvents>(childPort(child), {});
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(cancelled());
    signal.addEventListener("abort", stop, { once: true });
  });
  const ended = exited.then((end): never => {
    throw crash(end);
  });
  try {
    return await Promise.race([use(peer).catch(afterExit(child, exited)), ended, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
    peer.dispose();
    child.kill("SIGKILL");
    await exited;
  }
}

export function cancelled(): ModelError {
  return new ModelError("cancelled", "Profiling was cancelled.");
}

export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) {
    throw cancelled();
  }
}

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/**
 * The process must be plain Node also inside Electron, and nobody's debugger or preloaded module may come along.
 * onnxruntime reports its use over the network unless it is told not to: nothing leaves this machine.
 */
function childEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...env } = process.env;
  return { ...env, ELECTRON_RUN_AS_NODE: "1", ORT_DISABLE_TELEMETRY: "1" };
}

/** Settles when the process is gone, or could not be started; never rejects. */
function exitOf(child: ChildProcess): Promise<End> {
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ code: null, signal: null, stderr: error.message }));
    child.once("close", (code, signal) => resolve({ code, signal, stderr }));
  });
}

/** A call fails because the channel closed a moment before the process is known to have ended: its end says more. */
function afterExit(child: ChildProcess, exited: Promise<End>): (thrown: unknown) => Promise<never> {
  return async (thrown) => {
    if (!child.connected) {
      throw crash(await exited);
    }
    throw thrown;
  };
}

function crash({ code, signal, stderr }: End): ModelError {
  const how = signal === null ? `ended with exit code ${code ?? "unknown"}` : `was ended by ${signal}`;
  const said = stderr
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .slice(-STDERR_LINES)
    .join(" ");
  return new ModelError(
    "provider",
    `The process that runs onnxruntime ${how}.${said === "" ? "" : ` It said last: ${said}`}`,
    {},
    signal === "SIGKILL"
      ? "The system ends a process like this when memory runs out: try smaller dims, or close other programs."
      : "The execution provider or its driver crashed: try another provider. The open model is not affected.",
  );
}
