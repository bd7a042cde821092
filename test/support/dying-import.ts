import { dieAt } from "./die-at.ts";

/**
 * `npm run import` that kills itself with SIGKILL when it reaches a fault point:
 * `node dying-import.ts POINT HIT ARGUMENTS...`.
 */
const [node = "", script = "", point = "", hit = "1", ...rest] = process.argv;
dieAt(point, Number(hit));
process.argv = [node, script, ...rest];
await import("../../src/importer/main.ts");
