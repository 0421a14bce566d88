import type { ComponentChildren, VNode } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon } from "./Icon";
import "./popover.css";

export interface PopoverProps {
  readonly icon: string;
  /** Name and hover of the button that opens it. */
  readonly label: string;
  /** Words shown on the button; an icon alone without them. */
  readonly caption?: string;
  /** Something is chosen in it, which the button shows. */
  readonly active?: boolean;
  readonly children: (close: () => void) => ComponentChildren;
}

/** A button with a small panel below it, which Escape or a click elsewhere closes. */
export function Popover({ icon, label, caption, active = false, children }: PopoverProps): VNode {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const id = useId();
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };

  useEffect(() => {
    if (!open) {
      return undefined;
    }
    keepInView(panel.current);
    panel.current?.querySelector<HTMLElement>("input, button, vscode-checkbox, [tabindex='0']")?.focus();
    const onPointer = (event: PointerEvent) => {
      if (!(event.target instanceof Node && root.current?.contains(event.target))) {
        setOpen(false);
      }
    };
    document.addEventListener("pointerdown", onPointer);
    return () => document.removeEventListener("pointerdown", onPointer);
  }, [open]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears what bubbles out of its controls
    <div
      class="popover"
      ref={root}
      role="presentation"
      onKeyDown={(event) => {
        if (event.key === "Escape" && open) {
          event.stopPropagation();
          close();
        }
      }}
      onFocusOut={(event) => {
        const to = event.relatedTarget;
        if (open && to instanceof Node && !root.current?.contains(to)) {
          setOpen(false);
        }
      }}
    >
      <button
        type="button"
        ref={button}
        class={`icon-button ${caption === undefined ? "" : "with-caption"} ${active ? "active" : ""}`}
        title={label}
        aria-label={label}
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <Icon name={icon} />
        {caption !== undefined && <span class="caption">{caption}</span>}
      </button>
      {open && (
        <div class="popover-panel" id={id} ref={panel} role="dialog" aria-label={label}>
          {children(close)}
        </div>
      )}
    </div>
  );
}

/** Shifts a panel that would pass the window's right edge. */
function keepInView(panel: HTMLElement | null): void {
  if (panel !== null) {
    const { right } = panel.getBoundingClientRect();
    const over = right - (document.documentElement.clientWidth - 8);
    if (over > 0) {
      panel.style.marginInlineStart = `${-over}px`;
    }
  }
}
