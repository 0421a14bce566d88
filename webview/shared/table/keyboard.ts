/** A key press, as much of it as decides. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** The row with the focus, as far as keys depend on it. */
export interface FocusedRow {
  /** Whether rows can be shown and hidden below it. */
  readonly folds: boolean;
  readonly expanded: boolean;
}

export type TableIntent =
  | { readonly kind: "move"; readonly to: number; readonly extend: boolean }
  | { readonly kind: "fold" | "unfold" | "parent" | "detail" | "toggle" | "copy" | "selectAll" };

/**
 * What a key means in the table, in the manner of VS Code's own lists and trees; undefined when it means nothing here.
 * `page` is the number of rows in view.
 */
export function tableIntent(
  press: KeyPress,
  place: { readonly focus: number; readonly total: number; readonly page: number },
  row: FocusedRow | undefined,
): TableIntent | undefined {
  const command = press.ctrlKey || press.metaKey;
  if (press.altKey || place.total === 0) {
    return undefined;
  }
  if (command) {
    return commandIntent(press.key.toLowerCase());
  }
  const to = target(press.key, place);
  if (to !== undefined) {
    return { kind: "move", to: Math.min(Math.max(to, 0), place.total - 1), extend: press.shiftKey };
  }
  switch (press.key) {
    case "ArrowLeft":
      return { kind: row?.folds === true && row.expanded ? "fold" : "parent" };
    case "ArrowRight":
      if (row?.folds !== true) {
        return undefined;
      }
      return row.expanded ? { kind: "move", to: place.focus + 1, extend: false } : { kind: "unfold" };
    case "Enter":
      return { kind: "detail" };
    case " ":
      return { kind: "toggle" };
    default:
      return undefined;
  }
}

function commandIntent(key: string): TableIntent | undefined {
  switch (key) {
    case "c":
      return { kind: "copy" };
    case "a":
      return { kind: "selectAll" };
    default:
      return undefined;
  }
}

function target(
  key: string,
  { focus, total, page }: { readonly focus: number; readonly total: number; readonly page: number },
): number | undefined {
  const step = Math.max(1, page - 1);
  switch (key) {
    case "ArrowDown":
      return focus + 1;
    case "ArrowUp":
      return Math.max(0, focus - 1);
    case "PageDown":
      return focus + step;
    case "PageUp":
      return focus - step;
    case "Home":
      return 0;
    case "End":
      return total - 1;
    default:
      return undefined;
  }
}
