import type { ComponentChildren, VNode } from "preact";

/** A titled part of the overview. */
export function Card({
  title,
  note,
  area,
  children,
}: {
  readonly title: string;
  readonly note?: ComponentChildren;
  readonly area: string;
  readonly children: ComponentChildren;
}): VNode {
  return (
    <section class={`card ${area}`} aria-label={title}>
      <header>
        <h2>{title}</h2>
        {note}
      </header>
      {children}
    </section>
  );
}
