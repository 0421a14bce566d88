declare module "*/scripts/lib/browser.mjs" {
  export const BROWSER_FLAGS: string[];
  export function findBrowser(): Promise<{
    readonly executable: string;
    readonly env: { readonly [name: string]: string };
  }>;
}

declare module "*/scripts/lib/paths.mjs" {
  export const root: string;
}
