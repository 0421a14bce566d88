import type { ProfilerApi, ProfilerEvents } from "../protocol/profiler";
import { createPeer, processPort } from "../rpc/node";
import { listProviders } from "./providers";
import { runModel } from "./run";

type Nothing = Record<never, never>;

const peer = createPeer<ProfilerApi, ProfilerEvents, Nothing, Nothing>(processPort(), {
  providers: () => listProviders(),
  run: (request) => runModel(request, (progress) => peer.emit("profileProgress", progress)),
});

// A parent that died must not leave a busy process behind.
process.on("disconnect", () => process.exit(0));
