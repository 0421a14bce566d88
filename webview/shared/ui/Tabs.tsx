import type { ComponentChildren, VNode } from "preact";
import { useRef } from "preact/hooks";
import "./tabs.css";

export interface Tab<Id extends string> {
  readonly id: Id;
  readonly title: string;
  /** A word on its state, after the title. */
  readonly badge?: string;
}

export interface TabsProps<Id extends string> {
  readonly label: string;
  readonly tabs: readonly Tab<Id>[];
  readonly active: Id;
  readonly onSelect: (id: Id) => void;
  /** Shown at the end of the row. */
  readonly children?: ComponentChildren;
}

export function tabId(id: string): string {
  return `tab-${id}`;
}

export function panelId(id: string): string {
  return `panel-${id}`;
}

/** A row of tabs; the panels are the caller's, named by tabId and panelId. */
export function Tabs<Id extends string>({ label, tabs, active, onSelect, children }: TabsProps<Id>): VNode {
  const list = useRef<HTMLDivElement>(null);
  const go = (place: number) => {
    const tab = tabs[(place + tabs.length) % tabs.length];
    if (tab !== undefined) {
      onSelect(tab.id);
      list.current?.querySelector<HTMLElement>(`#${tabId(tab.id)}`)?.focus();
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = tabs.findIndex((tab) => tab.id === active);
    const place = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (place !== undefined) {
      event.preventDefault();
      go(place);
    }
  };
  return (
    <div class="tabs">
      <div class="tab-list" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown} tabIndex={-1}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={tabId(tab.id)}
            aria-controls={panelId(tab.id)}
            aria-selected={tab.id === active}
            tabIndex={tab.id === active ? 0 : -1}
            onClick={() => onSelect(tab.id)}
          >
            {tab.title}
            {tab.badge !== undefined && <span class="tab-badge">{tab.badge}</span>}
          </button>
        ))}
      </div>
      {children}
    </div>
  );
}
