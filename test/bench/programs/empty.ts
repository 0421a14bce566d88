import { report } from "../figures";

report({ startMs: performance.now() });
