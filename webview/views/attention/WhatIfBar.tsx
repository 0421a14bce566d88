import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { AttentionCurve, AttentionReport, WhatIf } from "../../../src/protocol/attention";
import { nearestPlace } from "../../shared/charts/logAxis";
import { bytes, count, exact } from "../../shared/format/units";
import { useAttention } from "./context";
import { firstWhatIf, numbersOf, WHAT_IF_KINDS, WHAT_IFS, type WhatIfKind, whatIfWith } from "./whatIf";

/** A change of the attention, and what it would cost then. */
export function WhatIfBar({ report }: { readonly report: AttentionReport }): VNode {
  const store = useAttention();
  const { whatIf } = store.viewState.value;
  const curve = store.curve.value;
  const choose = (kind: WhatIfKind | undefined) =>
    store.update({
      whatIf: kind === undefined ? null : firstWhatIf(kind, report, store.axis.value?.current ?? 1),
    });
  return (
    <section class="what-if" aria-label="What if">
      <h2>What if</h2>
      <select
        class="dim-choice"
        aria-label="Change of the attention"
        value={whatIf?.kind ?? ""}
        title={whatIf === null ? undefined : WHAT_IFS[whatIf.kind].hover}
        onChange={(event) => choose(WHAT_IF_KINDS.find((kind) => kind === event.currentTarget.value))}
      >
        <option value="">as it is</option>
        {WHAT_IF_KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {WHAT_IFS[kind].title}
          </option>
        ))}
      </select>
      {whatIf !== null && <Fields key={whatIf.kind} whatIf={whatIf} />}
      {whatIf !== null && curve?.whatIf !== undefined && <Outcome curve={curve} then={curve.whatIf} />}
    </section>
  );
}

function Fields({ whatIf }: { readonly whatIf: WhatIf }): VNode {
  const store = useAttention();
  const [typed, setTyped] = useState<{ readonly [field: string]: string }>(() => texts(whatIf));
  useEffect(() => {
    // What is being typed stays when it means the same.
    setTyped((now) =>
      JSON.stringify(made(whatIf.kind, now)) === JSON.stringify(whatIf) ? now : texts(whatIf),
    );
  }, [whatIf]);
  return (
    <>
      {WHAT_IFS[whatIf.kind].fields.map(({ name, title }) => (
        <label key={name} class="what-if-field">
          <input
            type="number"
            class="size"
            min={1}
            step={1}
            value={typed[name] ?? ""}
            aria-invalid={!isSize(typed[name])}
            onInput={(event) => {
              const next = { ...typed, [name]: event.currentTarget.value };
              setTyped(next);
              const change = made(whatIf.kind, next);
              if (change !== undefined) {
                store.update({ whatIf: change });
              }
            }}
          />
          {title}
        </label>
      ))}
    </>
  );
}

function texts(whatIf: WhatIf): { readonly [field: string]: string } {
  return Object.fromEntries(Object.entries(numbersOf(whatIf)).map(([name, value]) => [name, String(value)]));
}

function made(kind: WhatIfKind, typed: { readonly [field: string]: string }): WhatIf | undefined {
  return whatIfWith(
    kind,
    Object.fromEntries(Object.entries(typed).map(([name, text]) => [name, Number(text)])),
  );
}

function isSize(text: string | undefined): boolean {
  const value = Number(text);
  return Number.isSafeInteger(value) && value > 0;
}

function Outcome({
  curve,
  then,
}: {
  readonly curve: AttentionCurve;
  readonly then: NonNullable<AttentionCurve["whatIf"]>;
}): VNode {
  const place = nearestPlace(curve.x, curve.current);
  const length = curve.x[place] ?? curve.current;
  return (
    <p class="what-if-outcome" role="status" title={then.rule}>
      <Change
        words={`FLOPs at n = ${exact(curve.current)}`}
        now={then.flopsNow}
        then={then.flopsThen}
        format={count}
      />
      <Change
        words={`Score matrix at n = ${exact(length)}`}
        now={curve.scoreBytes[place] ?? 0}
        then={then.scoreBytes[place] ?? 0}
        format={bytes}
      />
      <Change
        words={`Cache at n = ${exact(length)}`}
        now={curve.kvCacheBytes[place] ?? 0}
        then={then.kvCacheBytes[place] ?? 0}
        format={bytes}
      />
      <span class="muted">
        {then.winsFrom === null ? "never costs less" : `costs less from n = ${exact(then.winsFrom)}`}
      </span>
      <span class="muted what-if-rule">{then.rule}</span>
    </p>
  );
}

/** A figure now and then; nothing where there is none in both. */
function Change({
  words,
  now,
  then,
  format,
}: {
  readonly words: string;
  readonly now: number;
  readonly then: number;
  readonly format: (value: number) => string;
}): VNode | null {
  if (now === 0 && then === 0) {
    return null;
  }
  const change = now === 0 ? 0 : (then - now) / now;
  const share = `${change > 0 ? "+" : change < 0 ? "−" : "±"}${(Math.abs(change) * 100).toFixed(1)} %`;
  return (
    <span class="num" title={`${exact(Math.round(now))} → ${exact(Math.round(then))}`}>
      <span class="muted">{words}: </span>
      {format(now)} → <b>{format(then)}</b> ({share})
    </span>
  );
}
