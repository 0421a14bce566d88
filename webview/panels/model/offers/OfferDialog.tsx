import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Offer } from "../../../../src/protocol/actions";
import { exact } from "../../../shared/format/units";
import { Button, ProgressBar } from "../../../shared/ui/elements";
import { IconButton } from "../../../shared/ui/Icon";
import { usePage } from "../context";
import { chosenOffers, faultsOf, type OfferSheet } from "../store/offerSheet";
import { OfferFacts } from "./OfferFacts";
import { OfferForm, OfferGroups } from "./OfferGroups";
import "./offers.css";

/** New problems named; an edit that breaks much breaks it in the same way. */
const PROBLEMS_SHOWN = 5;

/** What fixes would do, before they are taken. */
export function OfferDialog(): VNode | null {
  const { offers } = usePage();
  const sheet = offers.sheet.value;
  return sheet === null ? null : <OpenDialog sheet={sheet} />;
}

function OpenDialog({ sheet }: { readonly sheet: OfferSheet }): VNode {
  const { offers } = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { groups, previews, toPreview, effect } = sheet;
  const chosen = chosenOffers(sheet);
  const [only] = groups.length === 1 ? groups : [];
  const notes = [...new Set(previews.flatMap((preview) => preview.notes))];
  const isWrong = groups.some((group) => group.chosen && faultsOf(group).size > 0);
  const isReady = chosen.length > 0 && !isWrong && sheet.problem === null;
  const checking = isReady && (effect === null || previews.length < toPreview);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it, as it does every dialog
    <dialog
      ref={dialog}
      class="offer-dialog"
      aria-labelledby="offer-title"
      onClose={() => offers.close()}
      onClick={(event) => event.target === dialog.current && offers.close()}
    >
      <div class="offer-body">
        <header>
          <h1 id="offer-title">{only?.title ?? `Fixes of ${sheet.title}`}</h1>
          <IconButton icon="close" label="Close" onClick={() => offers.close()} />
        </header>
        {only === undefined ? (
          <OfferGroups groups={groups} />
        ) : (
          <p class="muted">
            {only.offers.length === 1 ? sheet.title : `${exact(only.offers.length)} places of ${sheet.title}`}
          </p>
        )}
        {chosen.length === 1 && <p>{chosen[0]?.detail}</p>}
        {groups
          .filter((group) => group.chosen && group.specs.length > 0)
          .map((group) => (
            <OfferForm key={group.id} group={group} />
          ))}
        <OfferFacts sheet={sheet} />
        <div class="checking">
          {checking && (
            <ProgressBar
              fraction={toPreview <= 1 ? null : previews.length / toPreview}
              label={`Checked ${previews.length} of ${toPreview}`}
            />
          )}
        </div>
        {sheet.problem !== null && <p class="problem">{sheet.problem}</p>}
        {effect !== null && effect.newProblems.length > 0 && (
          <ul class="notes problem">
            {effect.newProblems.slice(0, PROBLEMS_SHOWN).map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        )}
        {notes.length > 0 && (
          <ul class="notes">
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        )}
        <footer>
          <span class="muted">Can be undone. The file changes when you save.</span>
          <Button secondary onClick={() => offers.close()}>
            Cancel
          </Button>
          <Button disabled={sheet.applying || !isReady} onClick={() => void offers.apply()}>
            {applyText(chosen)}
          </Button>
        </footer>
      </div>
    </dialog>
  );
}

function applyText(chosen: readonly Offer[]): string {
  if (chosen.length <= 1) {
    return "Apply";
  }
  const alike = new Set(chosen.map(({ call }) => call.action)).size === 1;
  return alike ? `Apply to ${exact(chosen.length)} Places` : `Apply ${exact(chosen.length)} Fixes`;
}
