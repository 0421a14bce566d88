import type { VNode } from "preact";
import type { Offer } from "../../../../src/protocol/actions";
import { bytes, exact } from "../../../shared/format/units";
import { Button } from "../../../shared/ui/elements";
import { usePage } from "../context";
import { gainText } from "./gain";
import "./offers.css";

/** One fix with what it gains: look at it first, or take it. */
export function OfferItem({ offer, where }: { readonly offer: Offer; readonly where?: string }): VNode {
  const { store, offers } = usePage();
  const size = { before: offer.weightBytesBefore, after: offer.weightBytesAfter };
  return (
    <div class="offer">
      <div class="offer-words">
        <span class="offer-title" title={offer.detail}>
          {offer.title}
        </span>
        {where !== undefined && (
          <span class="muted offer-where" title={where}>
            {where}
          </span>
        )}
        <span class="num" title={`${exact(size.before)} bytes → ${exact(size.after)} bytes`}>
          <span class="muted">
            {bytes(size.before)} → {bytes(size.after)}
          </span>{" "}
          <span class="gain">{gainText(size)}</span>
        </span>
      </div>
      <div class="offer-buttons">
        <Button secondary onClick={() => void offers.open(where ?? offer.call.target.output, [offer])}>
          Preview
        </Button>
        <Button onClick={() => void store.apply([offer.call])}>Apply</Button>
      </div>
    </div>
  );
}
