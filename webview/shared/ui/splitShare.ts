/** Bounds of the part of the room that the side pane may have. */
export const MIN_SHARE = 0.15;
export const MAX_SHARE = 0.75;

export function clampShare(share: number): number {
  return Math.min(MAX_SHARE, Math.max(MIN_SHARE, share));
}
