import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { usePage } from "../context";
import { ProfileForm } from "./ProfileForm";
import { ProfileResults } from "./ProfileResults";
import { RunProgress } from "./RunProgress";
import "./profile.css";

/** Measures the model on this machine: what to run it on, the run, and what came out. */
export function ProfileView(): VNode {
  const { store, profile } = usePage();
  useEffect(() => profile.loadProviders(), [profile]);
  const result = store.summary.value?.profile ?? null;
  const run = profile.run.value;
  return (
    <div class="profile">
      <ProfileForm />
      <div class="profile-main">
        {run !== null && <RunProgress run={run} />}
        {result !== null ? (
          <ProfileResults result={result} />
        ) : (
          run === null && (
            <p class="muted profile-empty">
              Nothing was measured yet. A run loads the model as it is here, unsaved edits included, into
              onnxruntime, feeds it generated inputs of the sizes above, and times every layer.
            </p>
          )
        )}
      </div>
    </div>
  );
}
