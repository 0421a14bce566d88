import type { VNode } from "preact";
import { bytes, count, exact } from "../../../shared/format/units";
import type { OfferSheet } from "../store/offerSheet";
import { gainText, worstOfPreviews } from "./gain";

/** What the chosen fixes would do to the whole model, and how far they move weights if they round any. */
export function OfferFacts({ sheet }: { readonly sheet: OfferSheet }): VNode {
  const { effect, previews, toPreview } = sheet;
  const worst = worstOfPreviews(previews);
  return (
    <dl class="facts">
      <Change
        title="Weights"
        before={effect?.before.weightBytes}
        after={effect?.after.weightBytes}
        show={bytes}
      />
      <Change title="Parameters" before={effect?.before.params} after={effect?.after.params} show={count} />
      <Change title="MACs" before={effect?.before.macs} after={effect?.after.macs} show={count} />
      <Change title="Nodes" before={effect?.before.nodes} after={effect?.after.nodes} show={exact} />
      {toPreview > 0 && (
        <>
          <dt title="10·log10(Σw² / Σ(w − ŵ)²) over the changed weights">
            Signal to noise{toPreview > 1 ? ", worst" : ""}
          </dt>
          <dd class="num">{worst === null ? "…" : sqnrText(worst.sqnrDb)}</dd>
          <dt title="Largest |w − ŵ| over the changed weights">Largest error of a weight</dt>
          <dd class="num">{worst === null ? "…" : worst.maxAbsError.toPrecision(3)}</dd>
        </>
      )}
    </dl>
  );
}

function Change({
  title,
  before,
  after,
  show,
}: {
  readonly title: string;
  readonly before: number | null | undefined;
  readonly after: number | null | undefined;
  readonly show: (value: number | null) => string;
}): VNode {
  const isKnown = before !== undefined && after !== undefined;
  const hasGain = isKnown && before !== null && after !== null && before !== after;
  return (
    <>
      <dt>{title}</dt>
      <dd class="num" title={isKnown ? `${exact(before)} → ${exact(after)} in the whole model` : undefined}>
        {!isKnown
          ? "…"
          : before === after
            ? `${show(before)}, as before`
            : `${show(before)} → ${show(after)}`}{" "}
        {hasGain && <span class="gain">{gainText({ before, after })}</span>}
      </dd>
    </>
  );
}

function sqnrText(sqnrDb: number): string {
  return Number.isFinite(sqnrDb) ? `${sqnrDb.toFixed(1)} dB` : "no loss";
}
