import { rmSync } from "node:fs";
import type { ProfilerApi, ProfilerEvents } from "../protocol/profiler";
import { createPeer, processPort } from "../rpc/node";
import { candidates, probe } from "./providers";
import { runModel } from "./run";

type Nothing = Record<never, never>;

let scratch: string | undefined;

const peer = createPeer<ProfilerApi, ProfilerEvents, Nothing, Nothing>(processPort(), {
  candidates,
  probe: ({ provider }) => probe(provider),
  run: (request) => {
    scratch = request.scratch;
    return runModel(request, (progress) => peer.emit("profileProgress", progress));
  },
});

// A parent that died must leave neither a busy process nor its files behind.
process.on("disconnect", () => {
  if (scratch !== undefined) {
    rmSync(scratch, { recursive: true, force: true });
  }
  process.exit(0);
});
