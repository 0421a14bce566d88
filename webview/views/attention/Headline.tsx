import type { ComponentChildren, VNode } from "preact";
import type { AttentionReport } from "../../../src/protocol/attention";
import { bytes, exact, percent } from "../../shared/format/units";
import { useAttention } from "./context";
import { sizeHover } from "./words";

/** What there is to know in ten seconds. */
export function Headline({ report }: { readonly report: AttentionReport }): VNode {
  const store = useAttention();
  const { blocks, totals } = report;
  const curve = store.curve.value;
  const axis = store.axis.value;
  const fused = blocks.filter(({ form }) => form === "fused").length;
  const cross = blocks.filter(({ relation }) => relation === "cross").length;
  const crossover = axis === null || curve === null ? undefined : curve.crossover;
  return (
    <div class="attention-headline">
      <dl>
        <Item
          name="Attention blocks"
          hover={`${blocks.length - fused} made of several operators, ${fused} fused\n${blocks.length - cross} self-attention, ${cross} cross-attention`}
          note={[
            ...(fused > 0 ? [fused === blocks.length ? "fused" : `${fused} fused`] : []),
            ...(cross > 0 ? [`${cross} cross`] : []),
          ].join(", ")}
        >
          {exact(blocks.length)}
        </Item>
        <Item
          name="Of the FLOPs"
          hover={[
            `Scores, softmax and weighted sum of all blocks, of the model's ${exact(totals.modelFlops.value)} FLOPs`,
            `The model in n: ${totals.modelPolynomials.flops?.formula ?? "not known"}`,
          ].join("\n")}
          note={axis === null ? "" : `at n = ${exact(axis.current)}`}
        >
          {percent(totals.attentionShare)}
        </Item>
        {crossover !== undefined && (
          <Item
            name="Passes the rest at"
            hover={
              crossover === null
                ? "At no length below 16,777,216 does attention cost more than everything else"
                : "From this length on attention costs more than everything else"
            }
          >
            {crossover === null ? "never" : `n = ${exact(crossover)}`}
          </Item>
        )}
        <Item
          name="Largest score matrix"
          hover={sizeHover("Scores of the largest block", totals.scoreBytesLargest)}
        >
          {bytes(totals.scoreBytesLargest.value)}
        </Item>
        {totals.kvBytesPerToken.value !== 0 && (
          <Item
            name="Cache of a token"
            hover={sizeHover("Keys and values of all blocks", totals.kvBytesPerToken)}
          >
            {bytes(totals.kvBytesPerToken.value)}
          </Item>
        )}
      </dl>
      {axis !== null && axis.whatIf !== null && (
        <p class="muted fixed-length">
          The file fixes this length: what is drawn is what would be if it did not. {axis.whatIf}.
        </p>
      )}
    </div>
  );
}

function Item({
  name,
  hover,
  note = "",
  children,
}: {
  readonly name: string;
  readonly hover: string;
  readonly note?: string;
  readonly children: ComponentChildren;
}): VNode {
  return (
    <div title={hover}>
      <dt>{name}</dt>
      <dd>
        <span class="num">{children}</span>
        {note !== "" && <span class="muted note">{note}</span>}
      </dd>
    </div>
  );
}
