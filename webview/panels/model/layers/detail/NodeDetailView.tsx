import type { VNode } from "preact";
import type { NodeDetail, ValueDetail } from "../../../../../src/protocol/rows";
import { IconButton } from "../../../../shared/ui/Icon";
import { Section } from "../../../../shared/ui/Section";
import { usePage } from "../../context";
import { OfferItem } from "../../offers/OfferItem";
import { CostSection } from "./CostSection";
import { ValueList } from "./ValueList";

export function NodeDetailView({ node }: { readonly node: NodeDetail }): VNode {
  const { store } = usePage();
  const isWeight = (value: ValueDetail) => value.kind === "initializer";
  const weights = node.inputs.filter(isWeight);
  return (
    <>
      <header class="detail-head">
        <h3>{node.name}</h3>
        <p class="muted">
          {node.domain === "" ? "" : `${node.domain}::`}
          {node.op}
          {node.opset > 0 && ` · opset ${node.opset}`}
          {node.path !== "" && ` · ${node.path}`}
        </p>
        {node.doc !== "" && <p>{node.doc}</p>}
        <div class="detail-actions">
          <IconButton
            icon="file-code"
            label="Show in the text view"
            onClick={() => void store.openText(node.key)}
          />
          <IconButton
            icon="copy"
            label="Copy the name"
            onClick={() => void store.copy(node.name, "the name")}
          />
        </div>
      </header>
      {node.offers.length > 0 && (
        <Section title="Fixes">
          {node.offers.map((offer) => (
            <OfferItem key={`${offer.call.action} ${offer.title}`} offer={offer} where={node.name} />
          ))}
        </Section>
      )}
      <CostSection cost={node.cost} />
      <Section title="Inputs" count={node.inputs.length}>
        <ValueList values={node.inputs.filter((value) => !isWeight(value))} linkWord="from" />
        {weights.length > 0 && (
          <>
            <p class="part muted">Initializers</p>
            <ValueList values={weights} linkWord="from" />
          </>
        )}
      </Section>
      <Section title="Outputs" count={node.outputs.length}>
        <ValueList values={node.outputs} linkWord="to" />
      </Section>
      {node.attributes.length > 0 && (
        <Section title="Attributes" count={node.attributes.length}>
          <dl class="pairs">
            {node.attributes.map(({ name, type, value, implied }) => (
              <div key={name} class={implied ? "implied" : ""}>
                <dt title={implied ? `${type}, the default: not written in the file` : type}>{name}</dt>
                <dd class="mono">{value}</dd>
              </div>
            ))}
          </dl>
        </Section>
      )}
      {node.metadata.length > 0 && (
        <Section title="Metadata" count={node.metadata.length}>
          <dl class="pairs">
            {node.metadata.map(({ key, value }) => (
              <div key={key}>
                <dt>{key}</dt>
                <dd class="mono">{value}</dd>
              </div>
            ))}
          </dl>
        </Section>
      )}
      {node.refusals.length > 0 && (
        <Section title="Not offered">
          {node.refusals.map(({ action, title, reason }) => (
            <p key={action}>
              {title}: <span class="muted">{reason}</span>
            </p>
          ))}
        </Section>
      )}
    </>
  );
}
