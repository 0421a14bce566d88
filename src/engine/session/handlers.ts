import type { EngineApi } from "../../protocol/engine";
import type { Handlers } from "../../rpc/contract";
import type { Session } from "./session";

/** The engine's API as the session answers it. */
export function engineHandlers(session: Session): Handlers<EngineApi> {
  return {
    open: (params) => session.open(params),
    summary: () => session.summary(),
    bind: ({ bindings }) => session.bind(bindings),
    overview: () => session.overview(),
    series: ({ dim }) => session.series(dim),
    rows: (query) => session.table().page(query),
    locate: ({ key, query }) => session.table().locate(key, query),
    detail: ({ key }) => session.detail(key),
    exportRows: ({ query, format }) => session.exportRows(query, format),
    offers: ({ key }) => session.offers(key),
    preview: ({ call }) => session.preview(call),
    effect: ({ calls }) => session.effect(calls),
    apply: ({ calls }) => session.apply(calls),
    undo: () => session.undo(),
    redo: () => session.redo(),
    save: (params, { signal }) => session.save(params, signal),
    revert: () => session.revert(),
    backup: () => session.backup(),
    text: () => session.text(),
    lenses: (params) => session.lenses(params),
    findings: () => session.findings(),
    nodeRef: ({ key }) => session.nodeRef(key),
    report: () => session.report(),
    attention: () => session.attention(),
    attentionCurve: (query) => session.attentionCurve(query),
    parameters: () => session.parameters(),
    tensors: (query) => session.tensors(query),
    tensorStatistics: ({ tensor }, { signal }) => session.tensorStatistics(tensor, signal),
    tensorValues: (query, { signal }) => session.tensorValues(query, signal),
    compareTensors: (_params, { signal }) => session.compareTensors(signal),
    providers: (_params, { signal }) => session.providers(signal),
    profile: (options, { signal }) => session.profile(options, signal),
    clearProfile: () => session.clearProfile(),
  };
}
