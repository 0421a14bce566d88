import type { ComponentChildren, VNode } from "preact";
import { useState } from "preact/hooks";
import type { Problem, Severity } from "../../../src/protocol/problem";
import { exact } from "../format/units";
import { Icon, IconButton } from "../ui/Icon";
import type { PageStore } from "./pageStore";
import { whereText } from "./where";
import "./notices.css";

const MAX_SHOWN = 200;

/** What the user must know of the file and of what went wrong, above the views. */
export function Notices({
  store,
  problems = [],
}: {
  readonly store: PageStore;
  readonly problems?: readonly Problem[];
}): VNode {
  const failure = store.failure.value;
  const disk = store.disk.value;
  return (
    <div class="notices">
      {disk === "changed" && (
        <Notice severity="warning" text="The file changed on disk. What is shown here is how it was.">
          <button type="button" class="link" onClick={() => void store.reload()}>
            Reload
          </button>
        </Notice>
      )}
      {disk === "deleted" && (
        <Notice
          severity="warning"
          text="The file was deleted or moved. What is shown was read before that; weights cannot be read any more."
        />
      )}
      {failure !== null && (
        <Notice
          severity="error"
          text={[failure.message, whereText(failure.where), failure.hint]
            .filter((part) => part !== undefined && part !== "")
            .join(" ")}
        >
          <IconButton
            icon="close"
            label="Dismiss"
            onClick={() => {
              store.failure.value = null;
            }}
          />
        </Notice>
      )}
      {problems.length > 0 && <Problems problems={problems} />}
    </div>
  );
}

function Notice({
  severity,
  text,
  children,
}: {
  readonly severity: Severity;
  readonly text: string;
  readonly children?: ComponentChildren;
}): VNode {
  return (
    <div class={`notice ${severity}`} role={severity === "error" ? "alert" : "status"}>
      <Icon name={severity} class="notice-icon" />
      <span class="notice-text">{text}</span>
      {children}
    </div>
  );
}

/** A model that could be read in part says so, and what it is that could not. */
function Problems({ problems }: { readonly problems: readonly Problem[] }): VNode {
  const [open, setOpen] = useState(false);
  const worst = (["error", "warning", "info"] as const).find((severity) =>
    problems.some((problem) => problem.severity === severity),
  )!;
  const text =
    problems.length === 1
      ? "1 problem was found in the model."
      : `${exact(problems.length)} problems were found in the model.`;
  return (
    <>
      <Notice severity={worst} text={text}>
        <button type="button" class="link" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Hide" : "Show"}
        </button>
      </Notice>
      {open && (
        <ul class="problems">
          {problems.slice(0, MAX_SHOWN).map((problem, place) => (
            <li key={place} class={problem.severity}>
              <Icon name={problem.severity} class="notice-icon" />
              <div>
                <p>{problem.message}</p>
                {problem.hint !== undefined && <p class="muted">{problem.hint}</p>}
                <p class="muted mono">{whereText(problem.where)}</p>
              </div>
            </li>
          ))}
          {problems.length > MAX_SHOWN && (
            <li class="muted">and {exact(problems.length - MAX_SHOWN)} more</li>
          )}
        </ul>
      )}
    </>
  );
}
