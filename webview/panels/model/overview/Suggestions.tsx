import type { VNode } from "preact";
import type { Overview } from "../../../../src/protocol/engine";
import { exact } from "../../../shared/format/units";
import { usePage } from "../context";
import { OfferItem } from "../offers/OfferItem";
import { Card } from "./Card";

const SHOWN = 3;
/** Row key of the module that everything is in. */
const WHOLE_MODEL = "m";

/** The fixes that gain most. */
export function Suggestions({ overview }: { readonly overview: Overview }): VNode {
  const { suggestions, offersTotal } = overview;
  const { offers } = usePage();
  return (
    <Card
      area="suggestions"
      title="Suggestions"
      note={
        offersTotal > 1 ? (
          <button type="button" class="link" onClick={() => void offers.openRow(WHOLE_MODEL, "the model")}>
            All {exact(offersTotal)}…
          </button>
        ) : null
      }
    >
      {suggestions.length === 0 ? (
        <p class="muted">Nothing to improve was found.</p>
      ) : (
        <div class="offers">
          {suggestions.slice(0, SHOWN).map((offer) => (
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
