import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { exact } from "../../../shared/format/units";
import { Checkbox, TextField } from "../../../shared/ui/elements";
import { Icon } from "../../../shared/ui/Icon";
import { Popover } from "../../../shared/ui/Popover";
import { usePage } from "../context";

/** Modules listed at once; the rest is reached by typing. */
const MAX_MODULES = 200;

/** Which operators are shown; none chosen means all. */
export function OpFilter(): VNode {
  const { store, layers } = usePage();
  const chosen = layers.filter.value.ops;
  const counts = new Map<string, number>();
  for (const { op, count } of store.summary.value?.ops ?? []) {
    counts.set(op, (counts.get(op) ?? 0) + count);
  }
  const ops = [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
  const caption =
    chosen.length === 0 ? "Operators" : chosen.length === 1 ? chosen[0]! : `${chosen.length} operators`;
  return (
    <Popover icon="symbol-method" label="Filter by operator" caption={caption} active={chosen.length > 0}>
      {() => (
        <>
          {ops.map(([op, count]) => (
            <div class="option" key={op}>
              <Checkbox
                label={op}
                checked={chosen.includes(op)}
                onChange={(checked) =>
                  layers.setFilter({
                    ops: checked
                      ? [...layers.filter.value.ops, op]
                      : layers.filter.value.ops.filter((o) => o !== op),
                  })
                }
              />
              <span class="note">{exact(count)}</span>
            </div>
          ))}
        </>
      )}
    </Popover>
  );
}

/** Which module is shown, with all below it. */
export function ModuleFilter(): VNode | null {
  const { store, layers } = usePage();
  const modules = store.summary.value?.modules ?? [];
  const chosen = layers.filter.value.module;
  if (modules.length === 0) {
    return null;
  }
  return (
    <Popover icon="folder" label="Filter by module" caption={chosen || "Modules"} active={chosen !== ""}>
      {(close) => (
        <ModuleList
          modules={modules}
          chosen={chosen}
          onChoose={(module) => {
            layers.setFilter({ module });
            close();
          }}
        />
      )}
    </Popover>
  );
}

function ModuleList({
  modules,
  chosen,
  onChoose,
}: {
  readonly modules: readonly string[];
  readonly chosen: string;
  readonly onChoose: (module: string) => void;
}): VNode {
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const matching = modules.filter((module) => module.toLowerCase().includes(wanted));
  return (
    <>
      <div class="search">
        <TextField label="Find a module" placeholder="Find a module" value={text} onInput={setText} />
      </div>
      <ModuleItem text="All modules" checked={chosen === ""} onClick={() => onChoose("")} />
      {matching.slice(0, MAX_MODULES).map((module) => (
        <ModuleItem key={module} text={module} checked={module === chosen} onClick={() => onChoose(module)} />
      ))}
      {matching.length > MAX_MODULES && (
        <p class="option muted">{exact(matching.length - MAX_MODULES)} more: type to find them</p>
      )}
    </>
  );
}

function ModuleItem({
  text,
  checked,
  onClick,
}: {
  readonly text: string;
  readonly checked: boolean;
  readonly onClick: () => void;
}): VNode {
  return (
    <button type="button" class="menu-item" aria-pressed={checked} onClick={onClick}>
      <Icon name={checked ? "check" : "blank"} />
      {text}
    </button>
  );
}
