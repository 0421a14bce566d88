import type { VscodeWindow } from "./window";

/** VS Code's own themes, with the classes of the window and of a page in it. */
export const THEMES = {
  dark: { name: "Dark 2026", className: "vs-dark", pageClass: "vscode-dark" },
  light: { name: "Light 2026", className: "vs", pageClass: "vscode-light" },
  highContrast: { name: "Default High Contrast", className: "hc-black", pageClass: "vscode-high-contrast" },
  highContrastLight: {
    name: "Default High Contrast Light",
    className: "hc-light",
    pageClass: "vscode-high-contrast-light",
  },
} as const;

/** Chooses a theme in the palette, and waits until the window wears it. */
export async function setTheme(window: VscodeWindow, theme: keyof typeof THEMES): Promise<void> {
  const { name, className } = THEMES[theme];
  await window.runCommand("Preferences: Color Theme");
  await window.pick(name);
  await window.page.locator(`.monaco-workbench.${className}`).waitFor();
}
