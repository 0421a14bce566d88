import type { VNode } from "preact";
import type { ProfileProgress } from "../../../../src/protocol/profiler";
import { exact } from "../../../shared/format/units";
import { Button, ProgressBar } from "../../../shared/ui/elements";
import { usePage } from "../context";
import type { ProfileRun } from "../store/profileStore";

const PHASES: { readonly [phase in ProfileProgress["phase"]]: string } = {
  write: "Writing the model",
  load: "Loading it into onnxruntime",
  warmup: "Warming up",
  run: "Measuring",
  trace: "Timing the layers",
};

export function RunProgress({ run }: { readonly run: ProfileRun }): VNode {
  const { profile } = usePage();
  const { progress, cancelling } = run;
  const counted = progress !== null && progress.total > 0;
  const words = cancelling ? "Cancelling" : progress === null ? "Starting" : PHASES[progress.phase];
  const isCount = progress !== null && progress.total > 1 && progress.phase !== "write";
  return (
    <div class="run-progress">
      <ProgressBar fraction={counted ? progress.done / progress.total : null} label={words} />
      <span class="num">
        {words}
        {isCount && !cancelling && ` ${exact(progress.done)} of ${exact(progress.total)}`}
      </span>
      <Button secondary disabled={cancelling} onClick={() => profile.cancel()}>
        Cancel
      </Button>
    </div>
  );
}
