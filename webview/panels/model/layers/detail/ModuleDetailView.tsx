import type { VNode } from "preact";
import type { ModuleDetail } from "../../../../../src/protocol/rows";
import { bytes, count, exact } from "../../../../shared/format/units";
import { Button } from "../../../../shared/ui/elements";
import { Section } from "../../../../shared/ui/Section";
import { ShareBar } from "../../../../shared/ui/share";
import { usePage } from "../../context";
import { gainText, sumOfOffers } from "../../offers/gain";

export function ModuleDetailView({ module }: { readonly module: ModuleDetail }): VNode {
  const { layers, offers } = usePage();
  const nodes = module.ops.reduce((sum, { count: number }) => sum + number, 0);
  const flops = module.ops.reduce((sum, op) => sum + (op.flops ?? 0), 0);
  return (
    <>
      <header class="detail-head">
        <h3>{module.path.split(".").at(-1)}</h3>
        <p class="muted">
          {exact(nodes)} nodes · {module.path}
        </p>
      </header>
      {groupedOffers(module).map(([title, group]) => {
        const size = sumOfOffers(group);
        return (
          <Section title="Fixes" key={title}>
            <div class="offer">
              <div class="offer-words">
                <span class="offer-title">{title}</span>
                <span class="num">
                  <span class="muted">
                    {exact(group.length)} {group.length === 1 ? "layer" : "layers"} · {bytes(size.before)} →{" "}
                    {bytes(size.after)}
                  </span>{" "}
                  <span class="gain">{gainText(size)}</span>
                </span>
              </div>
              <Button onClick={() => void offers.open(module.path, group)}>Preview…</Button>
            </div>
          </Section>
        );
      })}
      <Section title="Operators" count={module.ops.length}>
        <ul class="op-list">
          {module.ops.map((op) => (
            <li key={op.op}>
              <button
                type="button"
                class="link"
                onClick={() => layers.setFilter({ text: "", ops: [op.op], module: module.path })}
              >
                {op.op}
              </button>
              <span class="num muted">× {exact(op.count)}</span>
              {op.flops === null ? <span /> : <ShareBar share={flops > 0 ? op.flops / flops : 0} />}
              <span class="num" title={`${exact(op.flops)} FLOPs`}>
                {count(op.flops)}
              </span>
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}

function groupedOffers({ offers }: ModuleDetail): readonly (readonly [string, ModuleDetail["offers"]])[] {
  const titles = [...new Set(offers.map((offer) => offer.title))];
  return titles.map((title) => [title, offers.filter((offer) => offer.title === title)]);
}
