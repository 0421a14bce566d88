import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { TextField } from "../../../shared/ui/elements";
import { Icon, IconButton } from "../../../shared/ui/Icon";
import { Popover } from "../../../shared/ui/Popover";
import { usePage } from "../context";
import { ColumnChooser } from "./ColumnChooser";
import { copySelection } from "./copyRows";
import { ModuleFilter, OpFilter } from "./filters";
import { isFiltering, NO_FILTER } from "./query";

export function LayerToolbar(): VNode {
  const { store, layers } = usePage();
  const field = useRef<HTMLElement>(null);
  const filter = layers.filter.value;
  const { group, detailOpen } = store.viewState.value;
  const wish = layers.filterWish.value;
  useEffect(() => {
    if (wish > 0) {
      field.current?.focus();
    }
  }, [wish]);
  return (
    <div class="layer-toolbar" role="toolbar" aria-label="Layers">
      <TextField
        class="layer-filter"
        elementRef={field}
        label="Filter layers by name, module or operator"
        placeholder="Filter by name, module or operator"
        value={filter.text}
        onInput={(text) => layers.setFilter({ text })}
      >
        <span slot="content-before" class="filter-icon">
          <Icon name="search" />
        </span>
      </TextField>
      <OpFilter />
      <ModuleFilter />
      <IconButton
        icon="clear-all"
        label="Clear the filter"
        class={isFiltering(filter) ? "" : "invisible"}
        disabled={!isFiltering(filter)}
        onClick={() => layers.setFilter(NO_FILTER)}
      />
      <span class="toolbar-gap" />
      <IconButton
        icon="list-tree"
        label="Group by module"
        pressed={group}
        onClick={() => layers.toggleGroup()}
      />
      <IconButton
        icon="collapse-all"
        label="Fold all"
        disabled={!layers.isTree.value}
        onClick={() => layers.foldAll(true)}
      />
      <IconButton
        icon="expand-all"
        label="Unfold all"
        disabled={!layers.isTree.value}
        onClick={() => layers.foldAll(false)}
      />
      <ColumnChooser />
      <Popover icon="export" label="Export or copy">
        {(close) => {
          const item = (text: string, run: () => Promise<void>) => (
            <button
              type="button"
              class="menu-item"
              onClick={() => {
                close();
                void run();
              }}
            >
              {text}
            </button>
          );
          return (
            <>
              {item("Export as CSV…", () => layers.export("csv"))}
              {item("Export as JSON…", () => layers.export("json"))}
              <hr class="menu-separator" />
              {item("Copy selected layers", () => copySelection(store, layers))}
            </>
          );
        }}
      </Popover>
      <IconButton
        icon="layout-sidebar-right"
        label="Details of the selected layer"
        pressed={detailOpen}
        onClick={() => store.update({ detailOpen: !detailOpen })}
      />
    </div>
  );
}
