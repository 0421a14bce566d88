import type { Page } from "playwright-core";

/** Colours of VS Code's own themes, as far as this view uses them. */
const COLOURS = {
  dark: {
    "editor-background": "#1f1f1f",
    foreground: "#cccccc",
    "editor-foreground": "#cccccc",
    descriptionForeground: "#9d9d9d",
    "panel-border": "#2b2b2b",
    "charts-blue": "#3794ff",
    "charts-orange": "#d18616",
    "charts-red": "#f14c4c",
    "charts-foreground": "#cccccc",
    focusBorder: "#0078d4",
    "list-hoverBackground": "#2a2d2e",
    "list-activeSelectionBackground": "#04395e",
    "list-activeSelectionForeground": "#ffffff",
    "list-inactiveSelectionBackground": "#37373d",
    "icon-foreground": "#cccccc",
    "textLink-foreground": "#4daafc",
    errorForeground: "#f85149",
    "inputOption-activeBackground": "#2489db82",
    "inputOption-activeForeground": "#ffffff",
    "toolbar-hoverBackground": "#5a5d5e50",
    "menu-background": "#1f1f1f",
    "button-background": "#0078d4",
    "button-foreground": "#ffffff",
    "button-secondaryBackground": "#313131",
    "button-secondaryForeground": "#cccccc",
    "settings-textInputBackground": "#313131",
    "settings-textInputForeground": "#cccccc",
    "progressBar-background": "#0078d4",
  },
  light: {
    "editor-background": "#ffffff",
    foreground: "#3b3b3b",
    "editor-foreground": "#3b3b3b",
    descriptionForeground: "#3b3b3bb0",
    "panel-border": "#e5e5e5",
    "charts-blue": "#1a85ff",
    "charts-orange": "#d18616",
    "charts-red": "#e51400",
    "charts-foreground": "#3b3b3b",
    focusBorder: "#005fb8",
    "list-hoverBackground": "#f2f2f2",
    "list-activeSelectionBackground": "#e8e8e8",
    "list-activeSelectionForeground": "#000000",
    "list-inactiveSelectionBackground": "#e4e6f1",
    "icon-foreground": "#3b3b3b",
    "textLink-foreground": "#005fb8",
    errorForeground: "#f85149",
    "inputOption-activeBackground": "#bed6ed",
    "inputOption-activeForeground": "#000000",
    "toolbar-hoverBackground": "#b8b8b850",
    "menu-background": "#ffffff",
    "button-background": "#005fb8",
    "button-foreground": "#ffffff",
    "button-secondaryBackground": "#e5e5e5",
    "button-secondaryForeground": "#3b3b3b",
    "settings-textInputBackground": "#ffffff",
    "settings-textInputForeground": "#3b3b3b",
    "progressBar-background": "#005fb8",
  },
} as const;

/** Dresses a page as VS Code would. */
export async function dress(page: Page, theme: keyof typeof COLOURS): Promise<void> {
  await page.evaluate(
    ([colours, name]) => {
      const { style } = document.documentElement;
      for (const [colour, value] of Object.entries(colours)) {
        style.setProperty(`--vscode-${colour}`, value);
      }
      style.setProperty("--vscode-font-family", "system-ui, sans-serif");
      style.setProperty("--vscode-font-size", "13px");
      document.body.className = `vscode-${name}`;
    },
    [COLOURS[theme], theme] as const,
  );
}
