import { spawn } from "node:child_process";

const running = new Set();
let stopping = false;

/** Ends every child with all that it started; used when this process ends for whatever reason. */
export function stopAll() {
  stopping = true;
  for (const child of running) {
    stopTree(child, "SIGKILL");
  }
}

/** A child is started in a process group of its own, so that its own children end with it. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, {
    detached: process.platform !== "win32",
    stdio: "inherit",
    ...options,
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

export function stopTree(child, signal = "SIGTERM") {
  if (child.pid === undefined) {
    return;
  }
  try {
    if (process.platform === "win32") {
      spawn("taskkill", ["/pid", String(child.pid), "/t", "/f"], { stdio: "ignore" });
    } else {
      process.kill(-child.pid, signal);
    }
  } catch (error) {
    if (error.code !== "ESRCH") {
      throw error;
    }
  }
}

/** Runs a command to its end; answers its exit code and, when its output is piped, what it printed. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = start(command, args, options);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code: signal === null ? code : 1, output }));
  });
}

/** As run, but a failure is an error that shows what was printed. */
export async function mustRun(command, args, options = {}) {
  const { code, output } = await run(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  if (code !== 0) {
    throw new Error(`${command} ${args.join(" ")} failed with code ${code}\n${output}`);
  }
  return output;
}

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
]) {
  process.on(signal, () => {
    stopAll();
    process.exit(code);
  });
}
process.on("exit", () => {
  if (!stopping) {
    stopAll();
  }
});

// npm hands SIGTERM to a shell that ends without handing it on; what is left of it is another parent.
if (process.env.npm_lifecycle_event !== undefined && process.platform !== "win32") {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) {
      stopAll();
      process.exit(143);
    }
  }, 500).unref();
}
