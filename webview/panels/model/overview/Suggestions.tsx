import type { VNode } from "preact";
import type { Overview } from "../../../../src/protocol/engine";
import { exact } from "../../../shared/format/units";
import { OfferItem } from "../offers/OfferItem";
import { Card } from "./Card";

/** The fixes that gain most. */
export function Suggestions({ overview }: { readonly overview: Overview }): VNode {
  const { suggestions, offersTotal } = overview;
  const more = offersTotal - suggestions.length;
  return (
    <Card
      area="suggestions"
      title="Suggestions"
      note={more > 0 ? <span class="muted num">{exact(more)} more in Layers</span> : null}
    >
      {suggestions.length === 0 ? (
        <p class="muted">Nothing to improve was found.</p>
      ) : (
        <div class="offers">
          {suggestions.map((offer) => (
            <OfferItem
              key={`${offer.call.action} ${offer.call.target.output}`}
              offer={offer}
              where={offer.layer ?? offer.call.target.output}
            />
          ))}
        </div>
      )}
    </Card>
  );
}
