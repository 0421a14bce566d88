import type { VNode } from "preact";
import type { ParamSpec } from "../../../../src/protocol/actions";
import { bytes, exact } from "../../../shared/format/units";
import { Checkbox, TextField } from "../../../shared/ui/elements";
import { usePage } from "../context";
import { faultsOf, isTyped, type OfferGroup } from "../store/offerSheet";
import { gainText, sumOfOffers } from "./gain";

/** The kinds of fixes of a sheet, each to be taken or left, with what they gain. */
export function OfferGroups({ groups }: { readonly groups: readonly OfferGroup[] }): VNode {
  const { offers } = usePage();
  return (
    <ul class="offer-groups">
      {groups.map((group) => {
        const size = sumOfOffers(group.offers);
        const count = group.offers.length;
        return (
          <li key={group.id}>
            <Checkbox
              label={group.title}
              checked={group.chosen}
              onChange={(chosen) => void offers.choose(group.id, chosen)}
            />
            <span class="muted num">
              {exact(count)} {count === 1 ? "place" : "places"}
              {size.before !== size.after && ` · ${bytes(size.before)} → ${bytes(size.after)}`}
            </span>{" "}
            {size.before !== size.after && <span class="gain">{gainText(size)}</span>}
          </li>
        );
      })}
    </ul>
  );
}

/** What may be chosen about one kind of fix. */
export function OfferForm({ group }: { readonly group: OfferGroup }): VNode {
  const faults = faultsOf(group);
  return (
    <div class="offer-form">
      {group.specs.map((spec) => (
        <OfferField key={spec.name} group={group} spec={spec} fault={faults.get(spec.name)} />
      ))}
    </div>
  );
}

function OfferField({
  group,
  spec,
  fault,
}: {
  readonly group: OfferGroup;
  readonly spec: ParamSpec;
  readonly fault: string | undefined;
}): VNode {
  const { offers } = usePage();
  const value = group.answers[spec.name] ?? null;
  const answer = (next: typeof value) => void offers.answer(group.id, spec.name, next);
  if (spec.kind === "flag") {
    return (
      <div class="offer-field" title={spec.description}>
        <Checkbox label={spec.title} checked={value === true} onChange={answer} />
      </div>
    );
  }
  const choices = spec.choices ?? [];
  return (
    <div class="offer-field" title={spec.description}>
      <span class="muted">{spec.title}</span>
      {isTyped(spec) ? (
        <TextField label={spec.title} value={String(value)} onInput={answer} />
      ) : (
        <select
          class="dim-choice"
          aria-label={spec.title}
          value={String(choices.findIndex((choice) => sameJson(choice.value, value)))}
          onChange={(event) => answer(choices[Number(event.currentTarget.value)]?.value ?? null)}
        >
          {choices.map((choice, position) => (
            <option key={choice.title} value={String(position)}>
              {choice.title}
            </option>
          ))}
        </select>
      )}
      {fault !== undefined && (
        <span class="problem" role="alert">
          {fault}
        </span>
      )}
    </div>
  );
}

function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
