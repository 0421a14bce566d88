import type { VNode } from "preact";
import { duration, exact } from "../../../shared/format/units";
import { usePage } from "../context";
import { bindingsText } from "../profile/bindings";
import { Card } from "./Card";

/** The last measured time, or the way to one. */
export function Measured(): VNode {
  const { store } = usePage();
  const profile = store.summary.value?.profile ?? null;
  return (
    <Card area="measured" title="Measured">
      {profile === null ? (
        <p class="muted">
          Not measured on this machine.{" "}
          <button type="button" class="link" onClick={() => store.openView("profile")}>
            Profile…
          </button>
        </p>
      ) : (
        <p>
          <span class="big num" title={`Median of ${exact(profile.runs)} runs: ${exact(profile.p50Ms)} ms`}>
            {duration(profile.p50Ms)}
          </span>{" "}
          <span class="muted">
            median on {profile.device} at {bindingsText(profile.bindings)}.{" "}
          </span>
          <button type="button" class="link" onClick={() => store.openView("profile")}>
            Details
          </button>
        </p>
      )}
    </Card>
  );
}
