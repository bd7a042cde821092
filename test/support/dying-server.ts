import { openApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { onFaultPoint } from "../../src/platform/fault-points.ts";

/**
 * The server, configured by the environment as ever, that kills itself with SIGKILL when it reaches
 * a fault point: `node dying-server.ts POINT [HIT]`, on its first hit unless another is named.
 * Prints its address when it is ready.
 */
const [point, hit = "1"] = process.argv.slice(2);
let hits = 0;

onFaultPoint((name) => {
  if (name !== point) return;
  hits += 1;
  if (hits < Number(hit)) return;
  process.kill(process.pid, "SIGKILL");
  // The signal ends the process at some moment soon: until then it must not go one step further.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});

const app = await openApp(readConfig(process.env));
console.log(app.url);
