import { type ComponentType, render, type VNode } from "preact";
import { connect } from "../rpc/client";
import { vscodeApi } from "../rpc/vscodeApi";
import "../theme/base.css";
import { ViewProvider } from "./context";
import { Notices } from "./Notices";
import { PageStore } from "./pageStore";
import { Failed, Loading } from "./States";
import "./viewPage.css";

/** Runs a page that shows one view and nothing else. */
export function startViewPage(View: ComponentType): void {
  const store = new PageStore(connect(vscodeApi));
  render(<ViewPage store={store} View={View} />, document.getElementById("root")!);
  store
    .start()
    .then(() => store.client.call("identity", {}))
    .then((identity) => vscodeApi.setState(identity))
    .catch((thrown: unknown) => store.fail(thrown));
}

function ViewPage({ store, View }: { readonly store: PageStore; readonly View: ComponentType }): VNode {
  const phase = store.phase.value;
  return (
    <ViewProvider.Provider value={store}>
      {phase === null || phase.kind === "loading" ? (
        <Loading store={store} state={phase} />
      ) : phase.kind === "failed" ? (
        <Failed store={store} state={phase} />
      ) : (
        <main class="view-page">
          <Notices store={store} />
          <View />
        </main>
      )}
      <div class="visually-hidden" role="status" aria-live="polite">
        {store.status.value}
      </div>
    </ViewProvider.Provider>
  );
}
