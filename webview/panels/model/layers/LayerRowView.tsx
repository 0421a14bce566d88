// biome-ignore-all lint/a11y/useSemanticElements: a virtualised grid draws a window of its rows, which a table element cannot
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid keeps the focus and names its row by aria-activedescendant
import { Component, type VNode } from "preact";
import type { LayerRow } from "../../../../src/protocol/rows";
import { exact } from "../../../shared/format/units";
import { Icon } from "../../../shared/ui/Icon";
import { ShareBar } from "../../../shared/ui/share";
import type { Column } from "./columns";
import { shortName } from "./shortName";

export interface LayerRowViewProps {
  readonly row: LayerRow | undefined;
  readonly index: number;
  readonly id: string;
  readonly columns: readonly Column[];
  /** Whether rows stand below others, so that all are indented. */
  readonly isTree: boolean;
  readonly grouped: boolean;
  readonly selected: boolean;
  readonly focused: boolean;
  readonly onFold: (row: LayerRow) => void;
  readonly onFixes: (row: LayerRow) => void;
}

/** Drawn anew only for another row or state: scrolling then costs the rows that come in. */
export class LayerRowView extends Component<LayerRowViewProps> {
  override shouldComponentUpdate(next: LayerRowViewProps): boolean {
    return (Object.keys(next) as (keyof LayerRowViewProps)[]).some((prop) => next[prop] !== this.props[prop]);
  }

  override render(): VNode {
    return drawn(this.props);
  }
}

function drawn(props: LayerRowViewProps): VNode {
  const { row, index, id, columns, isTree, selected, focused } = props;
  const state = `${selected ? "selected" : ""} ${focused ? "focused" : ""} ${row?.kind ?? "pending"}`;
  return (
    <div
      role="row"
      id={id}
      class={`row ${state}`}
      data-index={index}
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-level={isTree && row !== undefined ? row.depth + 1 : undefined}
      aria-expanded={row !== undefined && (row.expanded || folds(row)) ? row.expanded : undefined}
      aria-busy={row === undefined ? true : undefined}
      data-vscode-context={
        row?.kind === "node" ? JSON.stringify({ webviewSection: "row", key: row.key }) : undefined
      }
    >
      {columns.map((column) => (
        <div
          key={column.id}
          role="gridcell"
          class={`cell ${column.id} ${column.numeric ? "num" : ""}`}
          data-column={column.id}
          title={row === undefined || column.id === "name" ? undefined : column.hover(row)}
        >
          {row !== undefined && cellContent(column, row, props)}
        </div>
      ))}
    </div>
  );
}

/** Whether rows can be shown and hidden below it. */
export function folds(row: LayerRow): boolean {
  return row.kind === "module" || row.inner > 0;
}

function cellContent(column: Column, row: LayerRow, props: LayerRowViewProps): VNode | string {
  switch (column.id) {
    case "name":
      return <NameCell {...props} row={row} column={column} />;
    case "share":
      return <ShareCell text={column.text(row)} share={row.share} />;
    case "timeShare":
      return <ShareCell text={column.text(row)} share={row.timeShare} />;
    case "op":
      return row.kind === "module" ? (
        <span class="muted">{row.nodes === 1 ? "1 node" : `${exact(row.nodes)} nodes`}</span>
      ) : (
        row.op
      );
    case "path":
      return <bdi>{row.path}</bdi>;
    default:
      return column.text(row);
  }
}

function ShareCell({ text, share }: { readonly text: string; readonly share: number | null }): VNode {
  return (
    <span class="share-cell">
      {share === null ? <span class="share-bar-gap" /> : <ShareBar share={share} />}
      <span class="share-text">{text}</span>
    </span>
  );
}

function NameCell({
  row,
  column,
  columns,
  isTree,
  grouped,
  onFold,
  onFixes,
}: LayerRowViewProps & { readonly row: LayerRow; readonly column: Column }): VNode {
  const showsModule = (grouped && row.runBy === null) || columns.some(({ id }) => id === "path");
  const fixes = row.offers === 1 ? "1 fix offered…" : `${row.offers} fixes offered…`;
  return (
    <>
      {isTree && <span class="indent" style={{ width: `${row.depth * 12}px` }} />}
      {isTree && folds(row) ? (
        <button
          type="button"
          class="twistie"
          tabIndex={-1}
          aria-label={row.expanded ? "Fold" : "Unfold"}
          onClick={() => onFold(row)}
        >
          <Icon name={row.expanded ? "chevron-down" : "chevron-right"} />
        </button>
      ) : (
        isTree && <span class="twistie" />
      )}
      <span class="name" title={column.hover(row)}>
        <bdi>{showsModule ? shortName(row) : row.name}</bdi>
      </span>
      {row.edited && (
        <span class="edited" title="Changed by an edit that is not saved" role="img" aria-label="Edited">
          M
        </span>
      )}
      {row.offers > 0 && (
        <button
          type="button"
          class="fixes"
          tabIndex={-1}
          title={fixes}
          aria-label={fixes}
          onClick={() => onFixes(row)}
        >
          <Icon name="lightbulb" />
        </button>
      )}
    </>
  );
}
