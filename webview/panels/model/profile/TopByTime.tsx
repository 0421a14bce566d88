import { useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import type { LayerRow, RowPage } from "../../../../src/protocol/rows";
import { duration, exact, percent } from "../../../shared/format/units";
import { Resource } from "../../../shared/timing/resource";
import { ShareBar } from "../../../shared/ui/share";
import { usePage } from "../context";

const SHOWN = 12;

/** The layers that take most of the measured time; each leads to its row. */
export function TopByTime(): VNode {
  const { store, layers } = usePage();
  const top = useMemo(() => new Resource<RowPage>(), []);
  useSignalEffect(() => {
    top.load(String(store.stamp.value), (signal) =>
      store.client.call(
        "rows",
        { group: false, sort: { column: "time", descending: true }, start: 0, count: SHOWN },
        { signal },
      ),
    );
  });
  const rows = (top.value.value?.rows ?? []).filter((row) => row.timeMs !== null);
  const largest = Math.max(0, ...rows.map((row) => row.timeShare ?? 0));
  return (
    <section>
      <h2>Layers by time</h2>
      <table class="plain">
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <th scope="row">
                <button
                  type="button"
                  class="link"
                  title={row.path}
                  onClick={() => void layers.reveal(row.key)}
                >
                  {row.name}
                </button>
              </th>
              <td class="muted">{row.op}</td>
              <td class="num" title={timeHover(row)}>
                {row.timeKind === "attributed" ? "~" : ""}
                {duration(row.timeMs)}
              </td>
              <td class="num muted">{percent(row.timeShare)}</td>
              <td class="bar-cell">
                <ShareBar share={row.timeShare ?? 0} of={largest} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <button
        type="button"
        class="link"
        onClick={() => {
          store.update({ view: "layers", group: false, sort: { column: "time", descending: true } });
        }}
      >
        All layers by time
      </button>
    </section>
  );
}

function timeHover(row: LayerRow): string {
  const how =
    row.timeKind === "attributed" ? "a part of what ran as one kernel with other layers" : "measured";
  return `${exact(row.timeMs)} ms, ${how}`;
}
