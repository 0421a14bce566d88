import type { VNode } from "preact";
import type { NotRecognised } from "../../../src/protocol/attention";
import { Section } from "../../shared/ui/Section";
import { useAttention } from "./context";

/** What looks like attention and is not taken for it, each with the first edge that does not fit. */
export function NotRecognisedList({ all }: { readonly all: readonly NotRecognised[] }): VNode {
  const store = useAttention();
  const link = (key: string, words: string) => (
    <button type="button" class="link" onClick={() => void store.view.reveal(key)}>
      {words}
    </button>
  );
  return (
    <Section title="Not taken for attention" count={all.length}>
      <ul class="not-recognised">
        {all.map(({ key, label, reason, edge }) => (
          <li key={`${key} ${edge.value}`}>
            {link(key, label)}: {reason}
            <span class="muted">
              {" "}
              at <span class="mono">{edge.value}</span>
              {edge.from !== null && <>, {link(edge.from, "which this layer makes")}</>}
              {edge.to !== key && <> and {link(edge.to, "this one reads")}</>}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
