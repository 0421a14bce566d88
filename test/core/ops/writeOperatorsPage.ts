import { mkdirSync, writeFileSync } from "node:fs";
import { operatorsPage } from "./operatorsPage";

/** Run from the repository's root. */
mkdirSync("docs", { recursive: true });
writeFileSync("docs/operators.md", operatorsPage("."));
