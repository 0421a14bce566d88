import type { Page } from "./context";
import { copySelection } from "./layers/copyRows";

/** Commands of the palette, the title bar and the context menu, by the names that the host sends. */
function commandsOf({ store, layers, profile }: Page): {
  readonly [command: string]: () => Promise<void> | void;
} {
  return {
    profile: () => {
      store.openView("profile");
      return profile.start();
    },
    focusFilter: () => layers.wishFilter(),
    groupByModule: () => {
      store.openView("layers");
      layers.toggleGroup();
    },
    exportCsv: () => layers.export("csv"),
    exportJson: () => layers.export("json"),
    copyRows: () => copySelection(store, layers),
  };
}

export function handleCommands(page: Page): void {
  const commands = commandsOf(page);
  const { store, layers } = page;
  store.client.on("command", ({ command }) => {
    const run = Object.hasOwn(commands, command) ? commands[command] : undefined;
    Promise.resolve(run?.()).catch((thrown: unknown) => store.fail(thrown));
  });
  store.client.on("reveal", ({ key }) => {
    layers.reveal(key).catch((thrown: unknown) => store.fail(thrown));
  });
}
