import type { OpsetRule } from "./types";

/** Only the name changed. */
export const scatter11: OpsetRule = {
  ops: ["Scatter"],
  since: 11,
  raise(draft) {
    draft.opType = "ScatterElements";
    return undefined;
  },
};

const MODES: { readonly [mode: string]: string } = { bilinear: "linear", bicubic: "cubic" };

/** Modes have other names; the default is the same under another one. */
export const gridSample20: OpsetRule = {
  ops: ["GridSample"],
  since: 20,
  raise(draft) {
    const mode = draft.text("mode");
    const renamed = mode === undefined || !Object.hasOwn(MODES, mode) ? undefined : MODES[mode];
    if (renamed !== undefined) {
      draft.setText("mode", renamed);
    }
    return undefined;
  },
};
