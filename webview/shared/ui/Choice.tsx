import type { VNode } from "preact";
import "./choice.css";

export interface ChoiceProps<Id extends string> {
  readonly label: string;
  readonly options: readonly { readonly id: Id; readonly title: string; readonly hover?: string }[];
  readonly value: Id;
  readonly onChange: (id: Id) => void;
}

/** A few alternatives in a row, of which one holds. */
export function Choice<Id extends string>({ label, options, value, onChange }: ChoiceProps<Id>): VNode {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form's
    <div class="choice" role="group" aria-label={label}>
      {options.map(({ id, title, hover }) => (
        <button
          type="button"
          key={id}
          class="choice-option"
          title={hover}
          aria-pressed={id === value}
          onClick={() => onChange(id)}
        >
          {title}
        </button>
      ))}
    </div>
  );
}
