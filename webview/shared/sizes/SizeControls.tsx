import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { DimControl } from "../../../src/protocol/engine";
import { IconButton } from "../ui/Icon";
import { dimScale, movedTo, parsedSize, stepOf } from "./dimScale";
import "./sizes.css";

export interface SizeControlsProps {
  readonly dims: readonly DimControl[];
  readonly onValue: (name: string, value: number) => void;
  readonly label?: string;
}

/** A number and a slider for each symbolic dim; every figure follows. */
export function SizeControls({ dims, onValue, label = "Sizes" }: SizeControlsProps): VNode | null {
  if (dims.length === 0) {
    return null;
  }
  const changed = dims.some((dim) => dim.value !== dim.defaultValue);
  return (
    <section class="dims" aria-label={label}>
      {dims.map((dim) => (
        <DimField key={dim.name} dim={dim} onValue={(value) => onValue(dim.name, value)} />
      ))}
      <IconButton
        icon="history"
        class={changed ? "" : "invisible"}
        disabled={!changed}
        label="Back to the default sizes"
        onClick={() => {
          for (const dim of dims) {
            onValue(dim.name, dim.defaultValue);
          }
        }}
      />
    </section>
  );
}

function DimField({
  dim,
  onValue,
}: {
  readonly dim: DimControl;
  readonly onValue: (value: number) => void;
}): VNode {
  // The scale is that of the first sight of the dim: it must not change under the hand that drags.
  const scale = useRef(dimScale(dim));
  if (dim.value > scale.current.max) {
    scale.current = dimScale(dim);
  }
  const hover = dim.usedBy.length === 0 ? "Not a size of an input" : `Size of ${dim.usedBy.join(", ")}`;
  return (
    <div class="dim" title={hover}>
      <span class="dim-name">{dim.name}</span>
      <input
        type="range"
        min={0}
        max={scale.current.steps}
        value={stepOf(dim.value)}
        aria-label={dim.name}
        aria-valuetext={String(dim.value)}
        onInput={(event) => onValue(movedTo(dim.value, Number(event.currentTarget.value)))}
      />
      <SizeInput dim={dim} onValue={onValue} />
    </div>
  );
}

/** Takes what is typed as it comes; what is no size is marked and left alone. */
function SizeInput({
  dim,
  onValue,
}: {
  readonly dim: DimControl;
  readonly onValue: (value: number) => void;
}): VNode {
  const [text, setText] = useState(String(dim.value));
  const isInvalid = parsedSize(text) === undefined;
  useEffect(() => {
    setText((typed) => (parsedSize(typed) === dim.value ? typed : String(dim.value)));
  }, [dim.value]);
  return (
    <input
      type="number"
      class="size"
      min={1}
      step={1}
      value={text}
      aria-label={`${dim.name}, exact`}
      aria-invalid={isInvalid}
      onInput={(event) => {
        const typed = event.currentTarget.value;
        setText(typed);
        const value = parsedSize(typed);
        if (value !== undefined) {
          onValue(value);
        }
      }}
      onBlur={() => setText(String(dim.value))}
    />
  );
}
