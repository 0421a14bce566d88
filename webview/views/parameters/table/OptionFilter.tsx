import type { VNode } from "preact";
import { Icon } from "../../../shared/ui/Icon";
import { Popover } from "../../../shared/ui/Popover";

export interface OptionFilterProps {
  readonly icon: string;
  /** What is chosen, in one word: "operator". */
  readonly what: string;
  readonly options: readonly { readonly id: string; readonly title: string }[];
  /** "" where all pass. */
  readonly chosen: string;
  readonly onChoose: (id: string) => void;
}

/** Lets pass what has one of several properties, or all. */
export function OptionFilter({ icon, what, options, chosen, onChoose }: OptionFilterProps): VNode {
  const title = options.find(({ id }) => id === chosen)?.title ?? chosen;
  const name = `${what.slice(0, 1).toUpperCase()}${what.slice(1)}`;
  return (
    <Popover
      icon={icon}
      label={`Filter by ${what}`}
      caption={chosen === "" ? name : title}
      active={chosen !== ""}
    >
      {(close) => {
        const item = (id: string, words: string) => (
          <button
            type="button"
            key={id}
            class="menu-item"
            aria-pressed={id === chosen}
            onClick={() => {
              onChoose(id);
              close();
            }}
          >
            <Icon name={id === chosen ? "check" : "blank"} />
            {words}
          </button>
        );
        return (
          <>
            {item("", "All")}
            {options.map((option) => item(option.id, option.title))}
          </>
        );
      }}
    </Popover>
  );
}
