import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { bytes, exact } from "../../../shared/format/units";
import { Button, ProgressBar } from "../../../shared/ui/elements";
import { IconButton } from "../../../shared/ui/Icon";
import { usePage } from "../context";
import type { OfferSheet } from "../store/offerStore";
import { gainText, sumOfOffers, worstOfPreviews } from "./gain";
import "./offers.css";

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
  const size = sumOfOffers(sheet.offers);
  const worst = worstOfPreviews(sheet.previews);
  const count = sheet.offers.length;
  const notes = [...new Set(sheet.previews.flatMap((preview) => preview.notes))];
  const checking = sheet.previews.length < count && sheet.problem === null;
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
          <h1 id="offer-title">{sheet.offers[0]?.title}</h1>
          <IconButton icon="close" label="Close" onClick={() => offers.close()} />
        </header>
        <p class="muted">{count === 1 ? sheet.title : `${count} layers of ${sheet.title}`}</p>
        {count === 1 && <p>{sheet.offers[0]?.detail}</p>}
        <dl class="facts">
          <dt>Weights</dt>
          <dd class="num" title={`${exact(size.before)} bytes → ${exact(size.after)} bytes`}>
            {bytes(size.before)} → {bytes(size.after)} <span class="gain">{gainText(size)}</span>
          </dd>
          <dt title="10·log10(Σw² / Σ(w − ŵ)²) over the changed weights">
            Signal to noise{count > 1 ? ", worst" : ""}
          </dt>
          <dd class="num">{worst === null ? "…" : sqnrText(worst.sqnrDb)}</dd>
          <dt title="Largest |w − ŵ| over the changed weights">Largest error of a weight</dt>
          <dd class="num">{worst === null ? "…" : worst.maxAbsError.toPrecision(3)}</dd>
        </dl>
        <div class="checking">
          {checking && (
            <ProgressBar
              fraction={count === 1 ? null : sheet.previews.length / count}
              label={`Checked ${sheet.previews.length} of ${count}`}
            />
          )}
        </div>
        {sheet.problem !== null && <p class="problem">{sheet.problem}</p>}
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
          <Button disabled={sheet.applying || sheet.problem !== null} onClick={() => void offers.apply()}>
            {count === 1 ? "Apply" : `Apply to ${count} Layers`}
          </Button>
        </footer>
      </div>
    </dialog>
  );
}

function sqnrText(sqnrDb: number): string {
  return Number.isFinite(sqnrDb) ? `${sqnrDb.toFixed(1)} dB` : "no loss";
}
