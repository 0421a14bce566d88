import type { VscodeWindow } from "./window";

/** VS Code's own themes, with the class that its window has in each. */
export const THEMES = {
  dark: { name: "Dark 2026", className: "vs-dark" },
  light: { name: "Light 2026", className: "vs" },
  highContrast: { name: "Default High Contrast", className: "hc-black" },
  highContrastLight: { name: "Default High Contrast Light", className: "hc-light" },
} as const;

/** Chooses a theme in the palette, and waits until the window wears it. */
export async function setTheme(window: VscodeWindow, theme: keyof typeof THEMES): Promise<void> {
  const { name, className } = THEMES[theme];
  await window.runCommand("Preferences: Color Theme");
  await window.pick(name);
  await window.page.locator(`.monaco-workbench.${className}`).waitFor();
}
