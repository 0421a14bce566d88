import type { VNode } from "preact";
import { Checkbox } from "../../../shared/ui/elements";
import { Popover } from "../../../shared/ui/Popover";
import { usePage } from "../context";
import { ALL_COLUMNS, type Column } from "./columns";

export function ColumnChooser(): VNode {
  const { store, layers } = usePage();
  const { hidden, group } = store.viewState.value;
  const hasTimes = (store.summary.value?.profile ?? null) !== null;
  const reason = (column: Column) => {
    if (column.measured && !hasTimes) {
      return "after profiling";
    }
    return group && column.id === "path" ? "when not grouped" : undefined;
  };
  return (
    <Popover icon="settings" label="Choose columns">
      {() => (
        <>
          {ALL_COLUMNS.filter((column) => column.id !== "name").map((column) => (
            <div class="option" key={column.id} title={column.rule}>
              <Checkbox
                label={column.title}
                checked={!hidden.includes(column.id)}
                disabled={reason(column) !== undefined}
                onChange={(visible) => layers.setColumn(column.id, visible)}
              />
              {reason(column) !== undefined && <span class="note">{reason(column)}</span>}
            </div>
          ))}
        </>
      )}
    </Popover>
  );
}
