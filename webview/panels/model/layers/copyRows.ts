import { selectedCount } from "../../../shared/table/selection";
import type { ModelStore } from "../store/modelStore";
import { rowsAsTsv } from "./columns";
import type { LayersStore } from "./layersStore";

/** Copies the selected rows, visible columns only, as text that a spreadsheet takes. */
export async function copySelection(store: ModelStore, layers: LayersStore): Promise<void> {
  const count = selectedCount(layers.selection.value);
  if (count === 0) {
    store.announce("No layer is selected.");
    return;
  }
  await store.attempt(async () => {
    const rows = await layers.selectedRows();
    await store.copy(rowsAsTsv(layers.columns.value, rows), count === 1 ? "one layer" : `${count} layers`);
  });
}
