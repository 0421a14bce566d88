import type { Offer, Preview } from "../../../../src/protocol/actions";

export interface SizeChange {
  readonly before: number;
  readonly after: number;
}

export function sumOfOffers(offers: readonly Offer[]): SizeChange {
  return {
    before: offers.reduce((sum, offer) => sum + offer.weightBytesBefore, 0),
    after: offers.reduce((sum, offer) => sum + offer.weightBytesAfter, 0),
  };
}

/** The lowest signal-to-noise ratio and the largest error; null before there is any preview. */
export function worstOfPreviews(
  previews: readonly Preview[],
): { readonly sqnrDb: number; readonly maxAbsError: number } | null {
  return previews.length === 0
    ? null
    : {
        sqnrDb: Math.min(...previews.map((preview) => preview.weightSqnrDb)),
        maxAbsError: Math.max(...previews.map((preview) => preview.maxAbsError)),
      };
}

/** "−75 %", or "" where there is nothing to compare with. */
export function gainText({ before, after }: SizeChange): string {
  if (before <= 0) {
    return "";
  }
  const change = Math.round((after / before - 1) * 100);
  return change > 0 ? `+${change} %` : change < 0 ? `−${-change} %` : "±0 %";
}
