import type { ComponentChildren, VNode } from "preact";
import "./section.css";

/** A titled part of the detail pane that folds. */
export function Section({
  title,
  count,
  children,
}: {
  readonly title: string;
  readonly count?: number;
  readonly children: ComponentChildren;
}): VNode {
  return (
    <details class="section" open>
      <summary>
        <h2>{title}</h2>
        {count !== undefined && <span class="muted num">{count}</span>}
      </summary>
      <div class="section-body">{children}</div>
    </details>
  );
}
