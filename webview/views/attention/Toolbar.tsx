import type { VNode } from "preact";
import type { AttentionReport, LengthMode } from "../../../src/protocol/attention";
import { SizeControls } from "../../shared/sizes/SizeControls";
import { Choice } from "../../shared/ui/Choice";
import { IconButton } from "../../shared/ui/Icon";
import { Popover } from "../../shared/ui/Popover";
import { useAttention } from "./context";
import { blocksCsv } from "./csv";

const MODES: { readonly [mode in LengthMode]: { readonly title: string; readonly hover: string } } = {
  prefill: { title: "Prefill", hover: "All n tokens at once" },
  decode: { title: "Decode", hover: "One token, with n - 1 tokens before it in the cache" },
};

/** What the curves are drawn for: mode, length, the other sizes. */
export function Toolbar({ report }: { readonly report: AttentionReport }): VNode {
  const store = useAttention();
  const modes = store.modes.value;
  const mode = store.mode.value;
  const axes = store.axes.value;
  const axis = store.axis.value;
  const sizes = store.otherSizes.value;
  return (
    <div class="attention-toolbar" role="toolbar" aria-label="What the curves are drawn for">
      {mode !== null && modes.length > 1 && (
        <Choice
          label="Mode"
          options={modes.map((id) => ({ id, ...MODES[id] }))}
          value={mode}
          onChange={(chosen) => store.update({ mode: chosen })}
        />
      )}
      {mode !== null && modes.length === 1 && (
        <span class="muted" title={MODES[mode].hover}>
          {MODES[mode].title}
        </span>
      )}
      {axis !== null &&
        (axes.length > 1 ? (
          <select
            class="dim-choice"
            aria-label="Length n"
            value={axis.id}
            onChange={(event) => store.update({ axis: event.currentTarget.value })}
          >
            {axes.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        ) : (
          <span>{axis.title}</span>
        ))}
      {axis !== null && (
        <span class="muted axis-rules" title={axis.rules.join("\n")}>
          {axis.rules.join(", ")}
        </span>
      )}
      {sizes.length > 0 && (
        <Popover
          icon="settings"
          label="Sizes of the curves beside their length; the model's stay as they are"
          caption={sizes.map(({ name, value }) => `${name} = ${value}`).join(", ")}
          active={store.hasOwnSizes.value}
        >
          {() => (
            <div class="curve-sizes">
              <SizeControls
                label="Sizes of the curves"
                dims={sizes}
                onValue={(name, value) => store.setSize(name, value)}
              />
            </div>
          )}
        </Popover>
      )}
      <span class="toolbar-gap" />
      <IconButton
        icon="export"
        label="Export the blocks as CSV…"
        disabled={report.blocks.length === 0}
        onClick={() => void store.export("attention-blocks.csv", { text: blocksCsv(report) })}
      />
      <IconButton
        icon="layout-sidebar-right"
        label="Details of the block"
        pressed={store.viewState.value.detailOpen}
        onClick={() => store.update({ detailOpen: !store.viewState.value.detailOpen })}
      />
    </div>
  );
}
