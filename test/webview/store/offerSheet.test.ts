import { expect, it } from "vitest";
import type { Offer, ParamSpec } from "../../../src/protocol/actions";
import {
  callsOf,
  chosenOffers,
  faultsOf,
  groupsOf,
  type OfferSheet,
} from "../../../webview/panels/model/store/offerSheet";

const SPECS: readonly ParamSpec[] = [
  { name: "keep", title: "Stay", kind: "text", default: "" },
  { name: "bits", title: "Bits", kind: "number", default: 8 },
  { name: "signed", title: "Signed", kind: "flag", default: true },
  { name: "mode", title: "Mode", kind: "choice", default: "a", choices: [{ value: "a", title: "A" }] },
];

function offer(action: string, output: string, more: Partial<Offer> = {}): Offer {
  return {
    call: { action, target: { output }, params: {} },
    title: `Do ${action}`,
    detail: "",
    weightBytesBefore: 4,
    weightBytesAfter: 1,
    ...more,
  };
}

function sheet(offers: readonly Offer[], change: (groups: OfferSheet["groups"]) => OfferSheet["groups"]) {
  const groups = change(groupsOf(offers));
  return { title: "", groups, effect: null, previews: [], toPreview: 0, problem: null, applying: false };
}

it("groups what does the same, and chooses the first kind alone", () => {
  const offers = [
    offer("a", "x"),
    offer("b", "x"),
    offer("a", "y"),
    offer("a", "z", { title: "Do it otherwise" }),
  ];
  const groups = groupsOf(offers);
  expect(groups.map(({ title, chosen, offers: alike }) => [title, chosen, alike.length])).toEqual([
    ["Do a", true, 2],
    ["Do b", false, 1],
    ["Do it otherwise", false, 1],
  ]);
  expect(chosenOffers(sheet(offers, (same) => same))).toEqual([offers[0], offers[2]]);
});

it("puts what is there on request last, and does not choose it beside a suggestion", () => {
  const groups = groupsOf([offer("r", "x", { onRequest: true }), offer("a", "x")]);
  expect(groups.map(({ title, chosen }) => [title, chosen])).toEqual([
    ["Do a", true],
    ["Do r", false],
  ]);
});

it("gives every call of a group what its form says, and others what they had", () => {
  const call = { action: "a", target: { output: "y" }, params: { bits: 4, other: "kept" } };
  const offers = [offer("a", "x", { params: SPECS, call }), offer("b", "x")];
  const calls = callsOf(
    sheet(offers, (groups) =>
      groups.map((group) => ({ ...group, chosen: true, answers: { ...group.answers, keep: " n1, n2 " } })),
    ),
  );
  expect(calls).toEqual([
    {
      ...call,
      params: { bits: 4, other: "kept", keep: "n1, n2", signed: true, mode: "a" },
    },
    { action: "b", target: { output: "x" }, params: {} },
  ]);
});

it("says what is wrong with an answer", () => {
  const [group] = groupsOf([offer("a", "x", { params: SPECS })]);
  expect(group && [...faultsOf(group)]).toEqual([]);
  const wrong = group && { ...group, answers: { ...group.answers, bits: "eight" } };
  expect(wrong && [...faultsOf(wrong)]).toEqual([["bits", "Bits is a number."]]);
});
