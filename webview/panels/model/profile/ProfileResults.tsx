import type { VNode } from "preact";
import type { MeasuredMemory, ProfileResult } from "../../../../src/protocol/profiler";
import { bytes, duration, exact, percent } from "../../../shared/format/units";
import { Icon } from "../../../shared/ui/Icon";
import { ShareBar } from "../../../shared/ui/share";
import { usePage } from "../context";
import { bindingsText } from "./bindings";
import { TopByTime } from "./TopByTime";

const UNMAPPED_SHOWN = 12;

/** What was measured, how sure that is, and what could not be told. */
export function ProfileResults({ result }: { readonly result: ProfileResult }): VNode {
  const { store } = usePage();
  const summary = store.summary.value;
  const isOld =
    summary !== null &&
    (result.revision !== summary.revision ||
      summary.dims.some(({ name, value }) => (result.bindings[name] ?? value) !== value));
  return (
    <div class="results">
      {isOld && (
        <p class="old">
          <Icon name="info" /> Measured before the last change of the model or its sizes.
        </p>
      )}
      <p class="muted">
        {result.device} · {bindingsText(result.bindings)} · {exact(result.runs)} runs
      </p>
      <dl class="totals">
        <Time name="Median (p50)" ms={result.p50Ms} rule="Half of the runs took less" />
        <Time name="p90" ms={result.p90Ms} rule="Nine in ten runs took less" />
        <Time name="p99" ms={result.p99Ms} rule="99 in 100 runs took less" />
        <Time
          name="Mean"
          ms={result.meanMs}
          rule={`Standard deviation ${exact(result.stdDevMs)} ms`}
          plusMinus={result.stdDevMs}
        />
        <Time name="First run" ms={result.firstRunMs} rule="Pays for compilation and for planning memory" />
        <Time name="Session creation" ms={result.createMs} rule="Loading and optimising the graph" />
        {result.memory !== null && <Memory memory={result.memory} />}
      </dl>
      <NodeSum result={result} />
      <TopByTime />
      <section>
        <h2>Placement</h2>
        <table class="plain">
          <tbody>
            {result.placement.map(({ provider, nodes, ms }) => (
              <tr key={provider}>
                <th scope="row">{provider}</th>
                <td class="num">{exact(nodes)} kernels</td>
                <td class="num" title={`${exact(ms)} ms`}>
                  {duration(ms)}
                </td>
                <td class="bar-cell">
                  <ShareBar share={result.nodesMs > 0 ? ms / result.nodesMs : 0} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {result.unmapped.length > 0 && <Unmapped result={result} />}
      {result.notes.length > 0 && (
        <section>
          <h2>Notes</h2>
          <ul class="plain-list">
            {result.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Time({
  name,
  ms,
  rule,
  plusMinus,
}: {
  readonly name: string;
  readonly ms: number;
  readonly rule: string;
  readonly plusMinus?: number;
}): VNode {
  return (
    <div class="total" title={`${exact(ms)} ms\n${rule}`}>
      <dt>{name}</dt>
      <dd>
        <span class="figure">{duration(ms)}</span>
        {plusMinus !== undefined && <span class="note muted num">± {duration(plusMinus)}</span>}
      </dd>
    </div>
  );
}

/** The layers' times never add up to the whole: the difference is what runs between them. */
function NodeSum({ result }: { readonly result: ProfileResult }): VNode {
  const { nodesMs, meanMs, unmappedMs } = result;
  const overhead = meanMs - nodesMs;
  return (
    <p>
      Layers add up to <strong class="num">{duration(nodesMs)}</strong> of a mean run of{" "}
      <strong class="num">{duration(meanMs)}</strong>
      {overhead >= 0
        ? `; ${duration(overhead)} is spent between them.`
        : `: ${duration(-overhead)} more, since timing each layer takes time or layers run at once.`}
      {unmappedMs > 0 && ` ${duration(unmappedMs)} could not be joined to a layer.`}
    </p>
  );
}

function Unmapped({ result }: { readonly result: ProfileResult }): VNode {
  const more = result.unmapped.length - UNMAPPED_SHOWN;
  return (
    <section>
      <h2>Not joined to a layer</h2>
      <table class="plain">
        <tbody>
          {[...result.unmapped]
            .sort((a, b) => b.ms - a.ms)
            .slice(0, UNMAPPED_SHOWN)
            .map(({ name, op, ms, provider }) => (
              <tr key={`${name} ${provider}`}>
                <th scope="row" class="mono">
                  {name}
                </th>
                <td>{op}</td>
                <td class="num" title={`${exact(ms)} ms`}>
                  {duration(ms)}
                </td>
                <td class="num muted">{percent(result.nodesMs > 0 ? ms / result.nodesMs : null)}</td>
              </tr>
            ))}
        </tbody>
      </table>
      {more > 0 && <p class="muted">and {exact(more)} more</p>}
    </section>
  );
}

/** What was held at once, beside what the graph was estimated to need. */
function Memory({ memory: { peakBytes, estimatedBytes } }: { readonly memory: MeasuredMemory }): VNode {
  const rule =
    "Most bytes of activations at once, inputs included, without weights and what kernels need while they run";
  return (
    <div class="total" title={`${exact(peakBytes)} bytes\n${rule}`}>
      <dt>Activations</dt>
      <dd>
        <span class="figure">{bytes(peakBytes)}</span>
        {estimatedBytes !== null && (
          <span
            class="note muted num"
            title="For the graph as the file has it; onnxruntime ran an optimised one"
          >
            est. {bytes(estimatedBytes)}
          </span>
        )}
      </dd>
    </div>
  );
}
