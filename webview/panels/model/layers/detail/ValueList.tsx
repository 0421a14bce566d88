import type { VNode } from "preact";
import type { ValueDetail } from "../../../../../src/protocol/rows";
import { bytes, exact } from "../../../../shared/format/units";
import { usePage } from "../../context";

/** Values at the edge of a node: what they are to it, their sizes, and the rows at their other end. */
export function ValueList({
  values,
  linkWord,
}: {
  readonly values: readonly ValueDetail[];
  readonly linkWord: "from" | "to";
}): VNode {
  return (
    <ul class="values">
      {values.map((value) => (
        <Value key={value.index} value={value} linkWord={linkWord} />
      ))}
    </ul>
  );
}

function Value({
  value,
  linkWord,
}: {
  readonly value: ValueDetail;
  readonly linkWord: "from" | "to";
}): VNode {
  const { layers } = usePage();
  if (value.kind === "missing") {
    return (
      <li class="muted">
        <span class="role">{value.role || value.index}</span> left out
      </li>
    );
  }
  return (
    <li>
      <div class="value-line">
        <span class="role">{value.role || value.index}</span>
        <span class="value-name mono">{value.name}</span>
        <span
          class="num muted value-bytes"
          title={
            value.bytes === null ? "The size is unknown" : `${exact(value.bytes)} bytes at the chosen sizes`
          }
        >
          {bytes(value.bytes)}
        </span>
      </div>
      <div class="value-facts">
        <span>{value.dtype}</span>
        <span class="num">{value.shape}</span>
        {value.boundShape !== value.shape && <span class="num muted">= {value.boundShape}</span>}
        {value.kind !== "activation" && value.kind !== "initializer" && (
          <span class="kind">{value.kind}</span>
        )}
        {value.preview !== undefined && <span class="mono muted">{value.preview}</span>}
      </div>
      {value.links.length > 0 && (
        <div class="value-links">
          <span class="muted">{linkWord}</span>
          {value.links.map(({ key, label }) => (
            <button type="button" key={key} class="link" onClick={() => void layers.reveal(key)}>
              {label}
            </button>
          ))}
        </div>
      )}
    </li>
  );
}
