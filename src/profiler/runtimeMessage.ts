/** Longer ones repeat the shapes of everything. */
const KEPT = 1000;

/** What onnxruntime says in an error, without the place in its own source that most messages begin with. */
export function runtimeMessage(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text
    .replace(/\/onnxruntime_src\/\S+:\d+ [^\n]* was false\. /, "")
    .replace(/\/onnxruntime_src\/\S+:\d+ [^\n]*?\) (?=[A-Z])/, "")
    .trim()
    .slice(0, KEPT);
}
