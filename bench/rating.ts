import { toText, ZERO } from "../src/domain/decimal.ts";
import type { InvoiceLine } from "../src/domain/invoices/line.ts";
import { rateInvoices } from "../src/domain/rating/rate-invoices.ts";
import type { RatingSnapshot } from "../src/domain/rating/snapshot.ts";
import { makeRatingSnapshot } from "./rating-workload.ts";

const SMALL = 1000;
const LARGE = 10_000;
const RUNS = 60;

/** What rating 1,000 lines with 20 commits may take, and ten times as many per line. */
const TARGET_MS = 20;
const TARGET_GROWTH = 1.5;

/**
 * Rates an invoice of 1,000 usage lines under 20 commits in this process, from the snapshot to lines
 * with their traces, beside the least that any rating must do: multiply each of the same lines'
 * quantity by its price and add up. Then ten times as many lines, to show that time is linear.
 */
export function benchRating(): void {
  const [small, large] = [makeRatingSnapshot(SMALL), makeRatingSnapshot(LARGE)];
  const lines = rate(small);
  const smallMs = median(RUNS, () => rate(small));
  const bareMs = median(RUNS, () => multiplyAndSum(lines));
  const largeMs = median(RUNS / 6, () => rate(large));
  const growth = largeMs / smallMs / (LARGE / SMALL);
  process.stdout.write(`rating: ${SMALL} usage lines, 20 commits, ${lines.length} invoice lines: \
${smallMs.toFixed(1)} ms (at most ${TARGET_MS})
rating: multiplying and adding up the same lines: ${bareMs.toFixed(2)} ms
rating: ratio ${(smallMs / bareMs).toFixed(1)}
rating: ${LARGE} usage lines: ${largeMs.toFixed(1)} ms, ${growth.toFixed(2)} times as much a line \
(at most ${TARGET_GROWTH})\n`);
  if (smallMs > TARGET_MS) throw new Error(`Rating takes ${smallMs.toFixed(1)} ms`);
  if (growth > TARGET_GROWTH) throw new Error(`A line costs ${growth.toFixed(2)} times as much`);
}

function rate(snapshot: RatingSnapshot): readonly InvoiceLine[] {
  const [invoice] = rateInvoices(snapshot).invoices;
  if (invoice === undefined) throw new Error("No invoice was rated");
  return invoice.lines;
}

/** The sum of quantity x price, of lines without a quantity their amount. */
function multiplyAndSum(lines: readonly InvoiceLine[]): string {
  let total = ZERO;
  for (const { quantity, unitPrice, total: amount } of lines) {
    total = total.plus(
      quantity === null || unitPrice === null ? amount : quantity.times(unitPrice),
    );
  }
  return toText(total);
}

/** Median milliseconds of `runs` runs, after a fifth as many to warm up. */
function median(runs: number, run: () => unknown): number {
  for (let i = 0; i < runs / 5; i += 1) run();
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
}
