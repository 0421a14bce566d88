import type { VNode } from "preact";
import type { TensorValues } from "../../../../src/protocol/parameters";
import { real } from "../../../shared/format/reals";
import { cellAt, placesIn } from "./cells";
import type { Region } from "./region";

/** The numbers in view. */
export function NumberTable({
  values,
  region,
  name,
}: {
  readonly values: TensorValues;
  readonly region: Region;
  readonly name: string;
}): VNode {
  const { rows, columns } = placesIn(region);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, which must not need a pointer
    <section class="numbers" tabIndex={0} aria-label={`Numbers of ${name}`}>
      <table>
        <thead>
          <tr>
            <td />
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row}>
              <th scope="row">{cellAt(values, row, values.column)?.label ?? `[${row}]`}</th>
              {columns.map((column) => {
                const cell = cellAt(values, row, column);
                // While others are being read, what is there may stand for several values: that is no number of one.
                const isOne = cell !== undefined && cell.rows * cell.columns === 1;
                return (
                  <td
                    key={column}
                    class={isOne && cell.value === null ? "none" : ""}
                    title={isOne && cell.value !== null ? String(cell.value) : undefined}
                  >
                    {isOne ? (cell.value === null ? "NaN/Inf" : real(cell.value)) : "…"}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
