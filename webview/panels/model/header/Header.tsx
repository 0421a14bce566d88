import type { VNode } from "preact";
import type { ModelSummary } from "../../../../src/protocol/engine";
import { bytes, exact } from "../../../shared/format/units";
import { SizeControls } from "../../../shared/sizes/SizeControls";
import { Button } from "../../../shared/ui/elements";
import { IconButton } from "../../../shared/ui/Icon";
import { usePage } from "../context";
import { Totals } from "./Totals";
import "./header.css";

/** What the model is, what it costs, and the sizes that this is worked out at. */
export function Header({ summary }: { readonly summary: ModelSummary }): VNode {
  const { store, profile } = usePage();
  const running = profile.run.value !== null;
  return (
    <header class="model-header">
      <div class="title-row">
        <h1 class="model-name" title={summary.graphName === "" ? undefined : `Graph ${summary.graphName}`}>
          {summary.fileName}
        </h1>
        <p class="origin muted">
          {origin(summary).map(({ text, hover }) => (
            <span key={text} title={hover}>
              {text}
            </span>
          ))}
        </p>
        <div class="actions">
          <IconButton
            icon="discard"
            label="Undo"
            disabled={!summary.canUndo}
            onClick={() => void store.undo()}
          />
          <IconButton
            icon="redo"
            label="Redo"
            disabled={!summary.canRedo}
            onClick={() => void store.redo()}
          />
          <IconButton
            icon="file-code"
            label="Open as Text to the Side"
            onClick={() => void store.openText()}
          />
          <Button
            icon="dashboard"
            disabled={running || summary.nodes === 0}
            title="Run the model on this machine and measure every layer"
            onClick={() => {
              store.openView("profile");
              void profile.start();
            }}
          >
            {running ? "Profiling…" : "Profile"}
          </Button>
        </div>
      </div>
      <Totals summary={summary} />
      <SizeControls dims={store.sizes.value} onValue={(name, value) => store.dims.set(name, value)} />
    </header>
  );
}

function origin(summary: ModelSummary): readonly { readonly text: string; readonly hover: string }[] {
  const opsets = summary.opsets.map(
    ({ domain, version }) => `${domain === "" ? "ai.onnx" : domain} ${version}`,
  );
  const size = summary.fileBytes + summary.externalBytes;
  return [
    ...(summary.producer === "" ? [] : [{ text: summary.producer, hover: "Program that wrote the file" }]),
    { text: `opset ${opsets.join(", ")}`, hover: "Operator sets that the model uses" },
    { text: `IR ${summary.irVersion}`, hover: "Version of the file format" },
    {
      text: bytes(size),
      hover:
        summary.externalBytes > 0
          ? `${exact(summary.fileBytes)} bytes in the file and ${exact(summary.externalBytes)} bytes of external data`
          : `${exact(summary.fileBytes)} bytes`,
    },
    {
      text: `${exact(summary.nodes)} nodes`,
      hover: [
        `${exact(summary.inputs.length)} inputs, ${exact(summary.outputs.length)} outputs`,
        ...(summary.functions > 0 ? [`${exact(summary.functions)} functions`] : []),
        ...(summary.subgraphs > 0 ? [`${exact(summary.subgraphs)} subgraphs`] : []),
      ].join("\n"),
    },
  ];
}
