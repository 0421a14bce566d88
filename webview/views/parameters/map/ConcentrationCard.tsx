import type { VNode } from "preact";
import type { ParametersReport } from "../../../../src/protocol/parameters";
import { ConcentrationCurve } from "../../../shared/charts/ConcentrationCurve";

/** How unevenly the parameters are spread over the tensors. */
export function ConcentrationCard({ report }: { readonly report: ParametersReport }): VNode {
  return (
    <section class="parameters-card" aria-label="Concentration">
      <header>
        <h2 title="Share of all parameters in the largest tensors; the dashed line is where all are alike">
          Concentration
        </h2>
      </header>
      <ConcentrationCurve
        points={report.concentration}
        tensors={report.tensors}
        gini={report.gini}
        half={report.half}
        ninety={report.ninety}
      />
    </section>
  );
}
