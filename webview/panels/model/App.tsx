import type { VNode } from "preact";
import { panelId, type Tab, Tabs, tabId } from "../../shared/ui/Tabs";
import { usePage } from "./context";
import { Header } from "./header/Header";
import { Notices } from "./header/Notices";
import { LayersView } from "./layers/LayersView";
import { OfferDialog } from "./offers/OfferDialog";
import { OverviewView } from "./overview/OverviewView";
import { ProfileView } from "./profile/ProfileView";
import { EmptyGraph, Failed, Loading } from "./states/States";
import type { ViewId } from "./store/viewState";
import "./app.css";

const VIEW_OF: { readonly [view in ViewId]: () => VNode } = {
  overview: OverviewView,
  layers: LayersView,
  profile: ProfileView,
};

export function App(): VNode {
  const { store } = usePage();
  const phase = store.phase.value;
  return (
    <>
      {phase === null || phase.kind === "loading" ? (
        <Loading state={phase} />
      ) : phase.kind === "failed" ? (
        <Failed state={phase} />
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
    return <Loading state={null} />;
  }
  const view = store.view.value;
  const Shown = VIEW_OF[view];
  const tabs: readonly Tab<ViewId>[] = [
    { id: "overview", title: "Overview" },
    { id: "layers", title: "Layers" },
    { id: "profile", title: "Profile", ...(profile.run.value === null ? {} : { badge: "running" }) },
  ];
  return (
    <div class="page">
      <Header summary={summary} />
      <Notices summary={summary} />
      {summary.nodes === 0 ? (
        <EmptyGraph summary={summary} />
      ) : (
        <>
          <Tabs label="Views of the model" tabs={tabs} active={view} onSelect={(id) => store.openView(id)} />
          <div class="view" role="tabpanel" id={panelId(view)} aria-labelledby={tabId(view)}>
            <Shown />
          </div>
        </>
      )}
      <OfferDialog />
    </div>
  );
}
