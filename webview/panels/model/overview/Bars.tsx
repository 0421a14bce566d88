import type { VNode } from "preact";
import { percent } from "../../../shared/format/units";
import { ShareBar } from "../../../shared/ui/share";

export interface Bar {
  readonly id: string;
  readonly label: string;
  readonly share: number | null;
  readonly text: string;
  readonly hover: string;
  /** Absent where there is nothing to lead to. */
  readonly onClick?: () => void;
}

/** The first bars of a list, each with its name, its figure and its share, and each leading somewhere. */
export function Bars({
  bars,
  shown,
  none,
}: {
  readonly bars: readonly Bar[];
  readonly shown: number;
  /** What is said instead of an empty list. */
  readonly none: string;
}): VNode {
  const first = bars.slice(0, shown);
  const largest = Math.max(0, ...first.map((bar) => bar.share ?? 0));
  return first.length === 0 ? (
    <p class="muted">{none}</p>
  ) : (
    <ul class="bars">
      {first.map((bar) => (
        <li key={bar.id}>
          <button
            type="button"
            class="bar"
            title={bar.hover}
            disabled={bar.onClick === undefined}
            onClick={bar.onClick}
          >
            <span class="bar-label">
              <bdi>{bar.label}</bdi>
            </span>
            <span class="num bar-value">{bar.text}</span>
            <span class="num bar-share">{percent(bar.share)}</span>
            <ShareBar share={bar.share ?? 0} of={largest} />
          </button>
        </li>
      ))}
    </ul>
  );
}
