import type { Refusal } from "./cells.ts";

/** Prints a line of the report. */
export const out = (line: string): void => void process.stdout.write(`${line}\n`);

/** Prints what was refused of a file, with its rows. `what`: "invoice". */
export function reportRefusals(refusals: readonly Refusal[], what: string): void {
  if (refusals.length > 0) out(`Refused: ${refusals.length} ${what}s`);
  for (const { rows, key, reason } of refusals) {
    out(`  row ${rows.join(", ")}, ${what} ${key}: ${reason}`);
  }
}

/** Says on standard error how far it is, once a second at most. */
export function progress(total: number, what: string): (done: number) => void {
  let last = performance.now();
  return (done) => {
    if (done < total && performance.now() - last < 1000) return;
    last = performance.now();
    process.stderr.write(`${done} of ${total} ${what}s\n`);
  };
}
