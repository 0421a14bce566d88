import { render } from "preact";
import { connect } from "../../shared/rpc/client";
import { vscodeApi } from "../../shared/rpc/vscodeApi";
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
render(
  <PageContext.Provider value={page}>
    <App />
  </PageContext.Provider>,
  document.getElementById("root")!,
);
store.start().catch((thrown: unknown) => store.fail(thrown));
