import type { ActionCall, Effect, Offer, ParamSpec, Preview } from "../../../../src/protocol/actions";
import type { Json } from "../../../../src/protocol/json";
import { faultOf, textOf, valueOfText } from "../../../../src/protocol/paramValue";

/** Offers that do the same to several layers, taken or left together. */
export interface OfferGroup {
  readonly id: string;
  readonly title: string;
  readonly offers: readonly Offer[];
  readonly chosen: boolean;
  readonly specs: readonly ParamSpec[];
  /** What the form says now: texts as they were typed, all else as it is. */
  readonly answers: { readonly [param: string]: Json };
}

/** Offers that are looked at before they are taken, what they would do, and what a preview found for those it got to. */
export interface OfferSheet {
  readonly title: string;
  readonly groups: readonly OfferGroup[];
  readonly effect: Effect | null;
  readonly previews: readonly Preview[];
  /** How many previews there are to be. */
  readonly toPreview: number;
  readonly problem: string | null;
  readonly applying: boolean;
}

/**
 * One group for each kind, in the order in which they come, those on request last; the first is chosen, so that kinds
 * do not mix unasked.
 */
export function groupsOf(offers: readonly Offer[]): OfferGroup[] {
  const byKind = new Map<string, Offer[]>();
  const isAsked = ({ onRequest }: Offer) => onRequest === true;
  const ordered = [...offers.filter((offer) => !isAsked(offer)), ...offers.filter(isAsked)];
  for (const offer of ordered) {
    const id = `${offer.call.action} ${offer.title}`;
    byKind.set(id, [...(byKind.get(id) ?? []), offer]);
  }
  return [...byKind].map(([id, alike], position): OfferGroup => {
    const [first] = alike;
    const specs = first?.params ?? [];
    const current = first?.call.params ?? {};
    return {
      id,
      title: first?.title ?? "",
      offers: alike,
      chosen: position === 0,
      specs,
      answers: Object.fromEntries(
        specs.map((spec) => {
          const value = current[spec.name] ?? spec.default;
          return [spec.name, isTyped(spec) ? textOf(value) : value];
        }),
      ),
    };
  });
}

export function isTyped({ kind }: ParamSpec): boolean {
  return kind === "text" || kind === "number";
}

/** What is wrong with the answers of a group, by parameter. */
export function faultsOf({ specs, answers }: OfferGroup): ReadonlyMap<string, string> {
  return new Map(
    specs.filter(isTyped).flatMap((spec) => {
      const fault = faultOf(spec, String(answers[spec.name]));
      return fault === undefined ? [] : [[spec.name, fault] as const];
    }),
  );
}

export function chosenOffers({ groups }: OfferSheet): readonly Offer[] {
  return groups.filter(({ chosen }) => chosen).flatMap(({ offers }) => offers);
}

/** The calls of what is chosen, with what its forms say. */
export function callsOf({ groups }: OfferSheet): readonly ActionCall[] {
  return groups
    .filter(({ chosen }) => chosen)
    .flatMap(({ offers, specs, answers }) => {
      const given = Object.fromEntries(
        specs.map((spec) => {
          const answer = answers[spec.name] ?? null;
          return [spec.name, isTyped(spec) ? valueOfText(spec, String(answer)) : answer];
        }),
      );
      return offers.map(({ call }) => ({ ...call, params: { ...call.params, ...given } }));
    });
}
