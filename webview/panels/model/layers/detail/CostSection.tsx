import type { VNode } from "preact";
import type { Amount, NodeDetail } from "../../../../../src/protocol/rows";
import { trustWords } from "../../../../shared/format/amount";
import { bytes, count, exact } from "../../../../shared/format/units";
import { Figure } from "../../../../shared/ui/Figure";
import { Section } from "../../../../shared/ui/Section";

interface Line {
  readonly name: string;
  readonly unit: string;
  readonly amount: Amount;
  readonly format: (value: number) => string;
}

/** What a layer costs, by which rule, and how far to trust it. */
export function CostSection({ cost }: { readonly cost: NodeDetail["cost"] }): VNode {
  const lines: readonly Line[] = [
    { name: "MACs", unit: "MACs", amount: cost.macs, format: count },
    { name: "Other operations", unit: "FLOPs", amount: cost.otherFlops, format: count },
    { name: "FLOPs", unit: "FLOPs", amount: cost.flops, format: count },
    { name: "Bytes read", unit: "bytes", amount: cost.readBytes, format: bytes },
    { name: "Bytes written", unit: "bytes", amount: cost.writeBytes, format: bytes },
  ];
  return (
    <Section title="Cost">
      {cost.rule !== "" && <p>{sentence(cost.rule)}</p>}
      <table class="cost">
        <tbody>
          {lines.map(({ name, unit, amount, format }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="num">
                <Figure amount={amount} title={name} unit={unit} format={format} />
              </td>
              <td class="formula mono">{formulaOf(amount)}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">Parameters</th>
            <td class="num" title={`${exact(cost.params)} elements of initializers`}>
              {count(cost.params)}
            </td>
            <td />
          </tr>
          <tr>
            <th scope="row">Weights</th>
            <td class="num" title={`${exact(cost.weightBytes)} bytes as they are stored`}>
              {bytes(cost.weightBytes)}
            </td>
            <td />
          </tr>
        </tbody>
      </table>
      <p class="muted">{sentence(trustWords(cost.flops.trust))}</p>
    </Section>
  );
}

/** A formula that is only a number says nothing that the figure does not. */
function formulaOf({ formula }: Amount): string {
  return formula === "unknown" || /^[\d.]+$/.test(formula) ? "" : formula;
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? "" : "."}`;
}
