import type { EngineEvents } from "../../protocol/engine";
import { bytes } from "./units";

const ERASE_LINE = "\r\u001b[K";
/** Often enough to look alive; drawing costs time that is being measured. */
const INTERVAL_MS = 100;

const PHASES: { readonly [phase: string]: string } = {
  write: "writing the model",
  load: "loading",
  warmup: "warming up",
  run: "running",
  trace: "timing each layer",
  index: "reading",
  shapes: "working out shapes",
  costs: "counting",
  replay: "applying",
};

/** How far the engine is, on one line of the terminal's stderr; nothing where that is not a terminal. */
export class ProgressLine {
  private readonly shown = process.stderr.isTTY === true;
  private drawnAt = 0;

  readonly emit = <E extends keyof EngineEvents>(event: E, payload: EngineEvents[E]): void => {
    if (this.shown && Date.now() - this.drawnAt >= INTERVAL_MS) {
      this.drawnAt = Date.now();
      process.stderr.write(`${ERASE_LINE}${textOf(event, payload)}`);
    }
  };

  clear(): void {
    if (this.drawnAt > 0) {
      this.drawnAt = 0;
      process.stderr.write(ERASE_LINE);
    }
  }
}

function textOf<E extends keyof EngineEvents>(event: E, payload: EngineEvents[E]): string {
  if (event === "saveProgress") {
    const { bytesDone, bytesTotal } = payload as EngineEvents["saveProgress"];
    return `writing ${bytes(bytesDone)} of ${bytes(bytesTotal)}`;
  }
  if (event === "tensorProgress") {
    const { task, bytesDone, bytesTotal } = payload as EngineEvents["tensorProgress"];
    const doing = task === "compare" ? "comparing tensors" : "reading the tensor";
    return `${doing}, ${bytes(bytesDone)} of ${bytes(bytesTotal)}`;
  }
  if (event === "profileProgress") {
    const { phase, done, total } = payload as EngineEvents["profileProgress"];
    return `${PHASES[phase]} ${done} of ${total}`;
  }
  const { phase, fraction } = payload as EngineEvents["openProgress"];
  return `${PHASES[phase]} ${Math.round(fraction * 100)} %`;
}
