import type { VNode } from "preact";
import type { HeldValue, PeakMemory } from "../../../../src/protocol/memory";
import { bytes, exact, percent } from "../../../shared/format/units";
import { usePage } from "../context";
import { type Bar, Bars } from "./Bars";
import { Card } from "./Card";

const SHOWN = 4;

/** Which values fill the memory when most of it is held. */
export function HeldAtPeak({ peak }: { readonly peak: PeakMemory }): VNode {
  const { layers } = usePage();
  const { at, held } = peak;
  const reveal = (key: string) => () => void layers.reveal(key);
  const bars = held.map((value): Bar => {
    const share = peak.bytes === null || peak.bytes === 0 ? null : value.bytes / peak.bytes;
    return {
      id: `${value.kind} ${value.name}`,
      label: value.name,
      share,
      text: bytes(value.bytes),
      hover: [
        `${value.name}: ${exact(value.bytes)} bytes, ${percent(share)} of the peak`,
        stateOf(value),
        ...(value.layer === null ? [] : [`Made by ${value.layer.name}`, "Show the layer"]),
      ].join("\n"),
      ...(value.layer === null ? {} : { onClick: reveal(value.layer.key) }),
    };
  });
  const more = held.slice(SHOWN);
  return (
    <Card
      area="held"
      title="Held at the peak"
      note={
        at !== null && (
          <button
            type="button"
            class="link held-at"
            title={`Most is held while ${at.name} runs\nShow the layer`}
            onClick={reveal(at.key)}
          >
            {bytes(peak.bytes)}
          </button>
        )
      }
    >
      <Bars bars={bars} shown={SHOWN} none="No size is known." />
      {more.length > 0 && (
        <p class="muted">
          and {exact(more.length)} more of {bytes(more.reduce((sum, value) => sum + value.bytes, 0))}
        </p>
      )}
    </Card>
  );
}

function stateOf({ kind, idle }: HeldValue): string {
  if (kind === "input") {
    return "An input: held by the caller through the whole run";
  }
  if (kind === "inner") {
    return "Held inside the graphs that this layer runs";
  }
  return idle ? "Read for the last time: kept for a later value of the same shape" : "Still to be read";
}
