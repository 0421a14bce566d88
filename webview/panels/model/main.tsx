import { effect, untracked } from "@preact/signals";
import { render } from "preact";
import { connect } from "../../shared/rpc/client";
import { vscodeApi } from "../../shared/rpc/vscodeApi";
import { ViewProvider } from "../../shared/view/context";
import "../../shared/theme/base.css";
import { App } from "./App";
import { handleCommands } from "./commands";
import { PageContext } from "./context";
import { LayersStore } from "./layers/layersStore";
import { ModelStore } from "./store/modelStore";
import { OfferStore } from "./store/offerStore";
import { ProfileStore } from "./store/profileStore";

const store = new ModelStore(connect(vscodeApi), vscodeApi);
const page = {
  store,
  layers: new LayersStore(store),
  profile: new ProfileStore(store),
  offers: new OfferStore(store),
};
handleCommands(page);
effect(() => {
  const keys = store.selection.value;
  if (keys.length > 0) {
    untracked(() => page.layers.follow(keys)).catch((thrown: unknown) => store.fail(thrown));
  }
});
render(
  <PageContext.Provider value={page}>
    <ViewProvider.Provider value={store}>
      <App />
    </ViewProvider.Provider>
  </PageContext.Provider>,
  document.getElementById("root")!,
);
store.start().catch((thrown: unknown) => store.fail(thrown));
