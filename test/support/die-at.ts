import { onFaultPoint } from "../../src/platform/fault-points.ts";

/** Lets this process kill itself with SIGKILL when it reaches a fault point for the nth time. */
export function dieAt(point: string, hit: number): void {
  let hits = 0;
  onFaultPoint((name) => {
    if (name !== point) return;
    hits += 1;
    if (hits < hit) return;
    process.kill(process.pid, "SIGKILL");
    // The signal ends the process at some moment soon: until then it must not go one step further.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
}
