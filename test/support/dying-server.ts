import { openApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { dieAt } from "./die-at.ts";

/**
 * The server, configured by the environment as ever, that kills itself with SIGKILL when it reaches
 * a fault point: `node dying-server.ts POINT [HIT]`, on its first hit unless another is named.
 * Prints its address when it is ready.
 */
const [point = "", hit = "1"] = process.argv.slice(2);
dieAt(point, Number(hit));

const app = await openApp(readConfig(process.env));
console.log(app.url);
