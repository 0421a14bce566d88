import type { VNode } from "preact";

/** Lower ends of the steps of the one colour scale for "share of the whole". */
const STEPS = [0, 0.01, 0.05, 0.15, 0.3] as const;

/** Step of the colour scale that a share falls on, 0 to 4. */
export function shareStep(share: number): number {
  return STEPS.findLastIndex((step) => share >= step);
}

/** A bar for a share of the whole, 0 to 1; `of` is the share that fills it. */
export function ShareBar({ share, of = 1 }: { readonly share: number; readonly of?: number }): VNode {
  const width = of > 0 ? Math.min(1, share / of) : 0;
  return (
    <span class="share-bar" aria-hidden="true">
      {share > 0 && (
        <span class={`share-fill share-${shareStep(share)}`} style={{ width: `${width * 100}%` }} />
      )}
    </span>
  );
}
