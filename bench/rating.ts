import { toText, ZERO } from "../src/domain/decimal.ts";
import type { InvoiceLine } from "../src/domain/invoices/line.ts";
import { rateInvoices } from "../src/domain/rating/rate-invoices.ts";
import type { RatingSnapshot } from "../src/domain/rating/snapshot.ts";
import { makeRatingSnapshot } from "./rating-workload.ts";

const SMALL = 1000;
const LARGE = 10_000;
/** A server rates for days: what is measured is compiled code, so as many runs go before. */
const RUNS = 100;

/** What rating 1,000 lines with 20 commits may take, and ten times as many per line. */
const TARGET_MS = 20;
const TARGET_GROWTH = 1.5;

/**
 * Rates an invoice of 1,000 usage lines under 20 commits in this process, from the snapshot to lines
 * with their traces, beside the least that any rating must do: multiply each of the same lines'
 * quantity by its price and add up. Then ten times as many lines, to show that time is linear.
 * Medians are what a call takes on this machine as busy as it is; minima, of which the ratios are,
 * what it takes undisturbed.
 */
export function benchRating(): void {
  const snapshot = makeRatingSnapshot(SMALL);
  const lines = rate(snapshot);
  const small = measure(RUNS, () => rate(snapshot));
  const bare = measure(RUNS, () => multiplyAndSum(lines));
  const larger = makeRatingSnapshot(LARGE);
  const large = measure(RUNS / 5, () => rate(larger));
  const growth = large.minimum / small.minimum / (LARGE / SMALL);
  process.stdout.write(`rating: ${SMALL} usage lines, 20 commits, ${lines.length} invoice lines: \
${show(small)} (median at most ${TARGET_MS})
rating: multiplying and adding up the same lines: ${show(bare)}
rating: ratio ${(small.minimum / bare.minimum).toFixed(1)}
rating: ${LARGE} usage lines: ${show(large)}, ${growth.toFixed(2)} times as much a line \
(at most ${TARGET_GROWTH})\n`);
  if (small.median > TARGET_MS) throw new Error(`Rating takes ${small.median.toFixed(1)} ms`);
  if (growth > TARGET_GROWTH) throw new Error(`A line costs ${growth.toFixed(2)} times as much`);
}

/** Milliseconds of one run. */
interface Measured {
  readonly median: number;
  readonly minimum: number;
}

const show = ({ median, minimum }: Measured): string =>
  `median ${median.toFixed(2)} ms, minimum ${minimum.toFixed(2)} ms`;

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

/** Measures `runs` runs, after as many to warm up. */
function measure(runs: number, run: () => unknown): Measured {
  for (let i = 0; i < runs; i += 1) run();
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return { median: times[times.length >> 1] ?? 0, minimum: times[0] ?? 0 };
}
