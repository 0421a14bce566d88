import type { ComponentChildren, VNode } from "preact";
import type { ModelSummary, Totals as TotalsData } from "../../../../src/protocol/engine";
import { bytes, count, exact, percent } from "../../../shared/format/units";
import { Figure } from "../../../shared/ui/Figure";
import { usePage } from "../context";

/** The model's totals in a row, each with its exact value and rule on hover. */
export function Totals({ summary }: { readonly summary: ModelSummary }): VNode {
  const { totals } = summary;
  return (
    <dl class="totals">
      <Total name="Parameters">
        <span
          class="figure"
          title={`${exact(totals.params)} parameters\nelements of all initializers, each once`}
        >
          {count(totals.params)}
        </span>
      </Total>
      <Total name="Weights" note={mainDtype(totals)}>
        <span class="figure" title={weightsHover(totals)}>
          {bytes(totals.weightBytes)}
        </span>
      </Total>
      <Total name="MACs">
        <Figure amount={totals.macs} title="Multiply-accumulates of one run" unit="MACs" format={count} />
      </Total>
      <Total name="FLOPs">
        <Figure
          amount={totals.flops}
          title="2 × MACs + other operations of one run"
          unit="FLOPs"
          format={count}
        />
      </Total>
      <Total name="Peak activations">
        <Figure
          amount={totals.peakActivationBytes}
          title="Most bytes of activations held at once, as onnxruntime plans them"
          unit="bytes"
          format={bytes}
        />
      </Total>
      <Coverage totals={totals} />
    </dl>
  );
}

function Total({
  name,
  note,
  children,
}: {
  readonly name: string;
  readonly note?: string;
  readonly children: ComponentChildren;
}): VNode {
  return (
    <div class="total">
      <dt>{name}</dt>
      <dd>
        {children}
        {note !== undefined && <span class="note muted">{note}</span>}
      </dd>
    </div>
  );
}

function Coverage({ totals }: { readonly totals: TotalsData }): VNode {
  const { store, layers } = usePage();
  const { nodes, exact: sure, estimate, unknown, unknownOps } = totals.coverage;
  const hover = [
    `${exact(sure)} of ${exact(nodes)} nodes exact`,
    `${exact(estimate)} estimated`,
    `${exact(unknown)} unknown and left out of the totals`,
    ...unknownOps.map(
      ({ op, domain, nodes: number }) => `  ${domain === "" ? op : `${domain}::${op}`}: ${number}`,
    ),
  ].join("\n");
  const known = nodes === 0 ? null : (nodes - unknown) / nodes;
  const text = known === 1 ? "all" : percent(known === null ? null : Math.min(known, 0.999));
  return (
    <Total name="Coverage" {...(estimate > 0 ? { note: `${exact(estimate)} est.` } : {})}>
      {unknown === 0 ? (
        <span class="figure" title={hover}>
          {text}
        </span>
      ) : (
        <button
          type="button"
          class="link figure"
          title={`${hover}\nShow them`}
          onClick={() => {
            layers.setFilter({ text: "", module: "", ops: [...new Set(unknownOps.map(({ op }) => op))] });
            store.openView("layers");
          }}
        >
          {text}
        </button>
      )}
    </Total>
  );
}

function mainDtype({ weightBytesByDtype, weightBytes }: TotalsData): string {
  const [first] = [...weightBytesByDtype].sort((a, b) => b.bytes - a.bytes);
  if (first === undefined || weightBytes === 0) {
    return "";
  }
  const share = first.bytes / weightBytes;
  return share > 0.995 ? first.dtype : `${percent(share)} ${first.dtype}`;
}

function weightsHover({ weightBytes, weightBytesByDtype }: TotalsData): string {
  return [
    `${exact(weightBytes)} bytes of weights as they are stored`,
    ...[...weightBytesByDtype]
      .sort((a, b) => b.bytes - a.bytes)
      .map(({ dtype, bytes: size, params }) => `  ${dtype}: ${exact(size)} bytes, ${exact(params)} elements`),
  ].join("\n");
}
