import type { VNode } from "preact";
import {
  ATTENTION_PARTS,
  type AttentionBlock,
  type Polynomial,
  type Size,
} from "../../../../src/protocol/attention";
import type { Amount } from "../../../../src/protocol/rows";
import { bytes, count, exact, UNKNOWN } from "../../../shared/format/units";
import { Figure } from "../../../shared/ui/Figure";
import { IconButton } from "../../../shared/ui/Icon";
import { Section } from "../../../shared/ui/Section";
import { useAttention } from "../context";
import { maskText, PART_WORDS, rowsOf, sizeHover, sizeText } from "../words";
import "./blockDetail.css";

/** Everything about one attention block. */
export function BlockDetail({ block }: { readonly block: AttentionBlock }): VNode {
  const store = useAttention();
  return (
    <aside class="block-detail" aria-label="Details of the block">
      <IconButton
        icon="close"
        label="Close the details"
        class="detail-close"
        onClick={() => store.update({ detailOpen: false })}
      />
      <div class="block-head">
        <h3>{block.label}</h3>
        <p class="muted">
          {block.relation === "self" ? "Self-attention" : "Cross-attention"},{" "}
          {block.form === "fused" ? `fused as ${block.op}` : `made of ${rowsOf(block).length} layers`}
        </p>
        <button type="button" class="link" onClick={() => void store.view.reveal(block.key)}>
          Show in the layer table
        </button>
        <Facts block={block} />
      </div>
      <Cost block={block} />
      <Growth block={block} />
      <Memory block={block} />
      <Layers block={block} />
    </aside>
  );
}

function Facts({ block }: { readonly block: AttentionBlock }): VNode {
  const { mask } = block;
  const facts: readonly (readonly [string, string, string])[] = [
    ["Heads", sizeText(block.heads), sizeHover("Heads of queries", block.heads)],
    ["Key and value heads", sizeText(block.kvHeads), sizeHover("Heads of keys and values", block.kvHeads)],
    ["Head width", sizeText(block.headDim), sizeHover("Width of queries and keys", block.headDim)],
    ["Batch", sizeText(block.batch), sizeHover("Batch", block.batch)],
    ["Queries", sizeText(block.queryLength), sizeHover("Queries", block.queryLength)],
    ["Keys", sizeText(block.keyLength), sizeHover("Keys", block.keyLength)],
    ...(block.pastLength.value === 0
      ? []
      : [
          ["of them cached", sizeText(block.pastLength), sizeHover("Cached keys", block.pastLength)] as const,
        ]),
    ...(block.runs.formula === "1"
      ? []
      : [["Runs", sizeText(block.runs), sizeHover("Runs", block.runs)] as const]),
    ["Mask", maskText(mask), mask.evidence],
  ];
  return (
    <>
      <dl class="block-facts">
        {facts.map(([name, value, hover]) => (
          <div key={name} title={hover}>
            <dt>{name}</dt>
            <dd class="num">{value}</dd>
          </div>
        ))}
      </dl>
      {mask.evidence !== "" && <p class="muted evidence">{mask.evidence}</p>}
    </>
  );
}

function Cost({ block }: { readonly block: AttentionBlock }): VNode {
  return (
    <Section title="Cost">
      <table class="block-cost">
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col">MACs</th>
            <th scope="col">FLOPs</th>
            <th scope="col">Bytes</th>
          </tr>
        </thead>
        <tbody>
          {ATTENTION_PARTS.map((part) => {
            const { macs, flops, bytes: moved } = block.cost[part];
            return (
              <tr key={part}>
                <th scope="row">{PART_WORDS[part]}</th>
                <Cell amount={macs} title={`${PART_WORDS[part]}, MACs`} unit="MACs" format={count} />
                <Cell amount={flops} title={`${PART_WORDS[part]}, FLOPs`} unit="FLOPs" format={count} />
                <Cell amount={moved} title={`${PART_WORDS[part]}, bytes`} unit="bytes" format={bytes} />
              </tr>
            );
          })}
        </tbody>
      </table>
    </Section>
  );
}

function Cell(props: {
  readonly amount: Amount;
  readonly title: string;
  readonly unit: string;
  readonly format: (value: number) => string;
}): VNode {
  return (
    <td class="num">
      <Figure {...props} />
    </td>
  );
}

function Growth({ block: { polynomials } }: { readonly block: AttentionBlock }): VNode {
  const lines: readonly (readonly [string, Polynomial | null])[] = [
    ["FLOPs", polynomials.flops],
    ["MACs", polynomials.macs],
    ["Bytes", polynomials.bytes],
  ];
  return (
    <Section title="As a polynomial in n">
      {lines.map(([name, polynomial]) => (
        <div key={name}>
          <p>
            <span class="muted">{name} = </span>
            <span class="mono">{polynomial?.formula ?? UNKNOWN}</span>
          </p>
          {polynomial !== null && <p class="muted terms">{termsText(polynomial)}</p>}
        </div>
      ))}
    </Section>
  );
}

const POWERS = ["", "·n", "·n²", "·n³", "·n⁴"];

function termsText({ terms, exact: isExact }: Polynomial): string {
  const known = terms.map(
    ({ power, coefficient }) =>
      `${coefficient.value === null ? UNKNOWN : exact(coefficient.value)}${POWERS[power] ?? `·n^${power}`}`,
  );
  return `now ${known.join(" + ")}${isExact ? "" : " (n also stands in a function that is no power)"}`;
}

function Memory({ block: { memory } }: { readonly block: AttentionBlock }): VNode {
  const lines: readonly (readonly [string, Size, string])[] = [
    [
      "Score matrix",
      memory.scoreBytes,
      memory.scoreTensors === 0
        ? "If the kernel kept all scores; a fused one may stream them"
        : `${memory.scoreTensors} of them at a time`,
    ],
    ["Streamed instead", memory.streamedBytes, "Maximum and sum of each query"],
    [
      "Cache of a token",
      memory.kvBytesPerToken,
      memory.cached ? "Keys and values that decoding keeps" : "Nothing here keeps keys and values",
    ],
  ];
  return (
    <Section title="Memory">
      <table class="block-cost">
        <tbody>
          {lines.map(([name, size, note]) => (
            <tr key={name} title={`${sizeHover(name, size)}\n${note}`}>
              <th scope="row">{name}</th>
              <td class="num">{bytes(size.value)}</td>
              <td class="muted note">{note}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function Layers({ block }: { readonly block: AttentionBlock }): VNode {
  const store = useAttention();
  const { query, key, value, output } = block.projections;
  const groups: readonly (readonly [string, readonly string[]])[] = [
    ["Query projection", query],
    ["Key projection", key],
    ["Value projection", value],
    ["Scores, softmax, weighted sum", block.nodes],
    ["Output projection", output],
  ];
  return (
    <Section title="Layers" count={rowsOf(block).length}>
      <ul class="block-layers">
        {groups.map(([words, keys]) => (
          <li key={words}>
            {keys.length === 0 ? (
              <span class="muted">{words}: not found</span>
            ) : (
              <button
                type="button"
                class="link"
                title="Chooses them in the layer table"
                onClick={() => {
                  store.view.select(keys);
                  void store.view.reveal(keys[0]!);
                }}
              >
                {words}
                {keys.length > 1 && ` (${keys.length})`}
              </button>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
