import "@vscode-elements/elements/dist/vscode-button/index.js";
import "@vscode-elements/elements/dist/vscode-checkbox/index.js";
import "@vscode-elements/elements/dist/vscode-progress-bar/index.js";
import "@vscode-elements/elements/dist/vscode-radio/index.js";
import "@vscode-elements/elements/dist/vscode-textfield/index.js";
import { type ComponentChildren, createElement, type JSX, type RefObject } from "preact";

/** VS Code's look comes from @vscode-elements; these give its elements typed properties and events. */

export interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onClick: () => void;
  readonly icon?: string;
  readonly secondary?: boolean;
  readonly disabled?: boolean;
  readonly title?: string;
  readonly class?: string;
}

export function Button({ children, ...rest }: ButtonProps): JSX.Element {
  return createElement("vscode-button", { ...rest }, children);
}

export interface CheckboxProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly disabled?: boolean;
  readonly title?: string;
}

export function Checkbox({ onChange, ...rest }: CheckboxProps): JSX.Element {
  return createElement("vscode-checkbox", {
    ...rest,
    onChange: (event: Event) => onChange((event.target as HTMLInputElement).checked),
  });
}

export interface RadioProps {
  readonly label: string;
  readonly name: string;
  readonly value: string;
  readonly checked: boolean;
  readonly onSelect: () => void;
  readonly disabled?: boolean;
}

export function Radio({ onSelect, ...rest }: RadioProps): JSX.Element {
  return createElement("vscode-radio", {
    ...rest,
    onChange: (event: Event) => {
      if ((event.target as HTMLInputElement).checked) {
        onSelect();
      }
    },
  });
}

export interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly placeholder?: string;
  readonly type?: "text" | "number" | "search";
  readonly min?: number;
  readonly max?: number;
  readonly class?: string;
  readonly children?: ComponentChildren;
  readonly elementRef?: RefObject<HTMLElement | null>;
}

export function TextField({ onInput, children, elementRef, ...rest }: TextFieldProps): JSX.Element {
  return createElement(
    "vscode-textfield",
    {
      ...rest,
      ref: elementRef,
      onInput: (event: Event) => onInput((event.target as HTMLInputElement).value),
    },
    children,
  );
}

/** A bar that runs when `fraction` is not known. */
export function ProgressBar({
  fraction,
  label,
}: {
  readonly fraction: number | null;
  readonly label: string;
}): JSX.Element {
  return createElement("vscode-progress-bar", {
    ariaLabel: label,
    max: 100,
    indeterminate: fraction === null,
    ...(fraction === null ? {} : { value: Math.round(fraction * 100) }),
  });
}
