import type { VNode } from "preact";
import type { ParametersReport, TensorRole } from "../../../../src/protocol/parameters";
import { bytes, exact, percent } from "../../../shared/format/units";
import { Button, ProgressBar, TextField } from "../../../shared/ui/elements";
import { Icon, IconButton } from "../../../shared/ui/Icon";
import { useParameters } from "../context";
import { isFiltering } from "../query";
import { ROLE_WORDS } from "../words";
import { OptionFilter } from "./OptionFilter";

const ROLES = Object.entries(ROLE_WORDS).map(([id, title]) => ({ id: id as TensorRole, title }));

export function TensorToolbar({ report }: { readonly report: ParametersReport }): VNode {
  const store = useParameters();
  const filter = store.filter.value;
  const { detailOpen, chartsOpen } = store.viewState.value;
  return (
    <div class="tensor-toolbar" role="toolbar" aria-label="Tensors">
      <TextField
        class="tensor-filter"
        label="Filter tensors by name, module or layer"
        placeholder="Filter by name, module or layer"
        value={filter.text}
        onInput={(text) => store.setFilter({ text })}
      >
        <span slot="content-before" class="filter-icon">
          <Icon name="search" />
        </span>
      </TextField>
      <OptionFilter
        icon="symbol-method"
        what="operator"
        options={kindsOf(report.byOp)}
        chosen={filter.op}
        onChoose={(op) => store.setFilter({ op })}
      />
      <OptionFilter
        icon="symbol-numeric"
        what="type"
        options={kindsOf(report.byDtype)}
        chosen={filter.dtype}
        onChoose={(dtype) => store.setFilter({ dtype })}
      />
      <OptionFilter
        icon="tag"
        what="role"
        options={ROLES}
        chosen={filter.role}
        onChoose={(role) => store.setFilter({ role: role as TensorRole | "" })}
      />
      {filter.module !== "" && (
        <button
          type="button"
          class="icon-button with-caption active"
          title={`Only tensors in ${filter.module}; press to show all`}
          onClick={() => store.goTo([])}
        >
          <Icon name="folder" />
          <span class="caption">{filter.module}</span>
          <Icon name="close" />
        </button>
      )}
      {isFiltering(filter) && (
        <IconButton icon="clear-all" label="Clear the filter" onClick={() => store.clearFilter()} />
      )}
      <span class="toolbar-gap" />
      <Comparison report={report} />
      <IconButton
        icon="graph"
        label="Map and concentration"
        pressed={chartsOpen}
        onClick={() => store.update({ chartsOpen: !chartsOpen })}
      />
      <IconButton
        icon="layout-sidebar-right"
        label="Details of the selected tensor"
        pressed={detailOpen}
        onClick={() => store.update({ detailOpen: !detailOpen })}
      />
    </div>
  );
}

function kindsOf(tree: ParametersReport["byOp"]): readonly { readonly id: string; readonly title: string }[] {
  return tree.children.map(({ label }) => ({ id: label, title: label }));
}

/** Looks for copies and transposed twins: reads contents, so only when asked. */
function Comparison({ report }: { readonly report: ParametersReport }): VNode {
  const store = useParameters();
  const state = store.comparison.state.value;
  const { compared, wastedBytes } = report.copies;
  switch (state.kind) {
    case "running": {
      const { done, total } = state;
      const fraction = done === null || total === null || total === 0 ? null : done / total;
      return (
        <span class="comparison">
          <ProgressBar fraction={fraction} label="Comparing contents" />
          <span class="muted num" role="status">
            {done === null ? "comparing" : `${bytes(done)} of ${bytes(total)}`}
          </span>
          <Button secondary onClick={() => store.comparison.cancel()}>
            Cancel
          </Button>
        </span>
      );
    }
    case "failed":
      return (
        <span class="comparison">
          <span class="failed" role="alert" title={state.error.hint}>
            {state.error.message}
          </span>
          <CompareButton words="Try Again" />
        </span>
      );
    default:
      return compared ? (
        <span
          class="muted num"
          title={`${exact(wastedBytes)} bytes are stored more than once, as they are or transposed`}
        >
          {wastedBytes === 0
            ? "no copies"
            : `${bytes(wastedBytes)} stored twice (${percent(report.bytes > 0 ? wastedBytes / report.bytes : 0)})`}
        </span>
      ) : (
        <span class="comparison">
          {state.kind === "cancelled" && <span class="muted">stopped</span>}
          <CompareButton words="Compare contents" />
        </span>
      );
  }
}

function CompareButton({ words }: { readonly words: string }): VNode {
  const store = useParameters();
  return (
    <Button
      secondary
      title="Reads the tensors that have others of the same size, to find copies and transposed twins"
      onClick={() => void store.compare()}
    >
      {words}
    </Button>
  );
}
