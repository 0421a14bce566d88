// biome-ignore-all lint/a11y/useSemanticElements: hr is a line in text; this one is a control with a value
import type { ComponentChildren, VNode } from "preact";
import { useRef } from "preact/hooks";
import { clampShare, MAX_SHARE, MIN_SHARE } from "./splitShare";
import "./splitPane.css";

export interface SplitPaneProps {
  readonly main: ComponentChildren;
  /** Null leaves all the room to `main`. */
  readonly side: ComponentChildren | null;
  /** Part of the room that `side` has, 0 to 1. */
  readonly share: number;
  readonly stacked: boolean;
  readonly label: string;
  readonly onShare: (share: number) => void;
}

const KEY_STEP = 0.05;

/** Two panes and a sash between them that the pointer or the arrow keys move. */
export function SplitPane({ main, side, share, stacked, label, onShare }: SplitPaneProps): VNode {
  const root = useRef<HTMLDivElement>(null);
  const onPointerDown = (event: PointerEvent) => {
    const sash = event.currentTarget as HTMLElement;
    sash.setPointerCapture(event.pointerId);
    const onMove = (move: PointerEvent) => {
      const box = root.current?.getBoundingClientRect();
      if (box !== undefined && box.width > 0 && box.height > 0) {
        const part = stacked
          ? (box.bottom - move.clientY) / box.height
          : (box.right - move.clientX) / box.width;
        onShare(clampShare(part));
      }
    };
    const onEnd = () => {
      sash.removeEventListener("pointermove", onMove);
      sash.removeEventListener("pointerup", onEnd);
      sash.removeEventListener("pointercancel", onEnd);
    };
    sash.addEventListener("pointermove", onMove);
    sash.addEventListener("pointerup", onEnd);
    sash.addEventListener("pointercancel", onEnd);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const [grow, shrink] = stacked ? ["ArrowUp", "ArrowDown"] : ["ArrowLeft", "ArrowRight"];
    if (event.key === grow || event.key === shrink) {
      event.preventDefault();
      onShare(clampShare(share + (event.key === grow ? KEY_STEP : -KEY_STEP)));
    }
  };
  return (
    <div class={`split ${stacked ? "stacked" : "beside"}`} ref={root}>
      <div class="split-main">{main}</div>
      {side !== null && (
        <>
          <div
            class="sash"
            role="separator"
            aria-label={label}
            aria-orientation={stacked ? "horizontal" : "vertical"}
            aria-valuemin={MIN_SHARE * 100}
            aria-valuemax={MAX_SHARE * 100}
            aria-valuenow={Math.round(share * 100)}
            tabIndex={0}
            onPointerDown={onPointerDown}
            onKeyDown={onKeyDown}
          />
          <div class="split-side" style={{ flexBasis: `${share * 100}%` }}>
            {side}
          </div>
        </>
      )}
    </div>
  );
}
