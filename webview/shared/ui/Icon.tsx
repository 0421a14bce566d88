import type { VNode } from "preact";

/** A picture beside words that say the same. */
export function Icon({ name, class: extra = "" }: { readonly name: string; readonly class?: string }): VNode {
  return <span class={`codicon codicon-${name} ${extra}`} aria-hidden="true" />;
}

export interface IconButtonProps {
  readonly icon: string;
  /** What it does: its name for screen readers and its hover. */
  readonly label: string;
  readonly onClick: (event: MouseEvent) => void;
  readonly disabled?: boolean;
  /** For a button that stays down. */
  readonly pressed?: boolean;
  readonly class?: string;
}

export function IconButton({
  icon,
  label,
  onClick,
  disabled = false,
  pressed,
  class: extra = "",
}: IconButtonProps): VNode {
  return (
    <button
      type="button"
      class={`icon-button ${extra}`}
      title={label}
      aria-label={label}
      disabled={disabled}
      aria-pressed={pressed}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
