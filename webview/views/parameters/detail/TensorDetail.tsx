import type { VNode } from "preact";
import type { TensorRow } from "../../../../src/protocol/parameters";
import { bytes, count, exact, percent, ratio } from "../../../shared/format/units";
import { Icon, IconButton } from "../../../shared/ui/Icon";
import { Section } from "../../../shared/ui/Section";
import { useParameters } from "../context";
import { ValuesSection } from "../values/ValuesSection";
import { keyOf, ROLE_WORDS, shapeWords } from "../words";
import { StatisticsSection } from "./StatisticsSection";
import "./tensorDetail.css";

/** Everything about the selected tensor. */
export function TensorDetail({ row }: { readonly row: TensorRow }): VNode {
  const store = useParameters();
  const key = keyOf(row.tensor);
  return (
    <aside class="tensor-detail" aria-label="Details of the tensor">
      <IconButton
        icon="close"
        label="Close the details"
        class="detail-close"
        onClick={() => store.update({ detailOpen: false })}
      />
      <div class="tensor-head">
        <h3>{row.tensor.name}</h3>
        <p class="num">
          {shapeWords(row.dims)} · {row.dtype} ·{" "}
          <span title={`${exact(row.bytes)} bytes`}>{bytes(row.bytes)}</span>
        </p>
        <Facts row={row} />
      </div>
      {row.usedBy.length > 0 && <Users row={row} />}
      <StatisticsSection key={`statistics ${key}`} row={row} />
      <ValuesSection key={`values ${key}`} row={row} />
    </aside>
  );
}

/** Facts that are names, which may be long. */
const WIDE: ReadonlySet<string> = new Set(["Module", "Graph", "Stored in", "Sharing"]);

function Facts({ row }: { readonly row: TensorRow }): VNode {
  const { tensor, role, params, share, bitsPerWeight, sharing, notes, path, location } = row;
  const facts: readonly (readonly [string, VNode | string])[] = [
    ["Role", ROLE_WORDS[role]],
    ["Elements", <span title={exact(params)}>{count(params)}</span>],
    ["Of all weights", percent(share)],
    ...(bitsPerWeight === null ? [] : [["Bits per weight", ratio(bitsPerWeight)] as const]),
    ...(path === "" ? [] : [["Module", path] as const]),
    ...(tensor.graph === "" ? [] : [["Graph", tensor.graph] as const]),
    ...(location === "" ? [] : [["Stored in", location] as const]),
    ...(sharing === null ? [] : [["Sharing", <Sharing row={row} />] as const]),
  ];
  return (
    <>
      <dl class="tensor-facts">
        {facts.map(([name, value]) => (
          <div key={name} class={WIDE.has(name) ? "wide" : ""}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {notes.map((note) => (
        <p key={note} class="tensor-note">
          <Icon name="info" /> <span>{note}</span>
        </p>
      ))}
    </>
  );
}

function Sharing({ row: { sharing } }: { readonly row: TensorRow }): VNode | null {
  const store = useParameters();
  if (sharing === null) {
    return null;
  }
  if (sharing.kind === "tied") {
    return <>tied: serves {sharing.uses} layers</>;
  }
  return (
    <>
      {sharing.kind === "copy" ? "same content as " : "transposed content of "}
      <button type="button" class="link" onClick={() => void store.showNamed(sharing.of)}>
        {sharing.of}
      </button>
      , {bytes(sharing.bytes)} stored twice
    </>
  );
}

function Users({ row: { usedBy, uses } }: { readonly row: TensorRow }): VNode {
  const store = useParameters();
  return (
    <Section title="Used by" count={uses}>
      <ul class="tensor-users">
        {usedBy.map(({ key, label }) => (
          <li key={key}>
            <button
              type="button"
              class="link"
              title="Show it in the layer table"
              onClick={() => void store.view.attempt(() => store.view.reveal(key))}
            >
              {label}
            </button>
          </li>
        ))}
        {uses > usedBy.length && <li class="muted">and {exact(uses - usedBy.length)} more</li>}
      </ul>
    </Section>
  );
}
