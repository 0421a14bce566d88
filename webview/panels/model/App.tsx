import type { VNode } from "preact";
import { VIEW_PANELS } from "../../../src/protocol/panels";
import { IconButton } from "../../shared/ui/Icon";
import { panelId, type Tab, Tabs, tabId } from "../../shared/ui/Tabs";
import { Notices } from "../../shared/view/Notices";
import { Failed, Loading } from "../../shared/view/States";
import { AttentionView } from "../../views/attention/AttentionView";
import { ParametersView } from "../../views/parameters/ParametersView";
import { usePage } from "./context";
import { Header } from "./header/Header";
import { LayersView } from "./layers/LayersView";
import { OfferDialog } from "./offers/OfferDialog";
import { OverviewView } from "./overview/OverviewView";
import { ProfileView } from "./profile/ProfileView";
import { EmptyGraph } from "./states/EmptyGraph";
import type { ViewId } from "./store/viewState";
import "./app.css";

const VIEW_OF: { readonly [view in ViewId]: () => VNode } = {
  overview: OverviewView,
  layers: LayersView,
  attention: AttentionView,
  parameters: ParametersView,
  profile: ProfileView,
};

export function App(): VNode {
  const { store } = usePage();
  const phase = store.phase.value;
  return (
    <>
      {phase === null || phase.kind === "loading" ? (
        <Loading store={store} state={phase} />
      ) : phase.kind === "failed" ? (
        <Failed store={store} state={phase} />
      ) : (
        <OpenModel />
      )}
      <div class="visually-hidden" role="status" aria-live="polite">
        {store.status.value}
      </div>
    </>
  );
}

function OpenModel(): VNode {
  const { store, profile } = usePage();
  const summary = store.summary.value;
  if (summary === null) {
    return <Loading store={store} state={null} />;
  }
  const view = store.view.value;
  const Shown = VIEW_OF[view];
  const panel = VIEW_PANELS.find((id) => id === view);
  const tabs: readonly Tab<ViewId>[] = [
    { id: "overview", title: "Overview" },
    { id: "layers", title: "Layers" },
    { id: "attention", title: "Attention" },
    { id: "parameters", title: "Parameters" },
    { id: "profile", title: "Profile", ...(profile.run.value === null ? {} : { badge: "running" }) },
  ];
  return (
    <div class="page">
      <Header summary={summary} />
      <Notices store={store} problems={summary.problems} />
      {summary.nodes === 0 ? (
        <EmptyGraph summary={summary} />
      ) : (
        <>
          <Tabs label="Views of the model" tabs={tabs} active={view} onSelect={(id) => store.openView(id)}>
            {panel !== undefined && (
              <IconButton
                icon="open-preview"
                label="Open in a panel of its own, beside this one"
                onClick={() => void store.attempt(() => store.client.call("openPanel", { panel }))}
              />
            )}
          </Tabs>
          <div class="view" role="tabpanel" id={panelId(view)} aria-labelledby={tabId(view)}>
            <Shown />
          </div>
        </>
      )}
      <OfferDialog />
    </div>
  );
}
