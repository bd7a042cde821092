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
 * The targets and ratios are of the processor time of a run, which others on the machine do not
 * lengthen by their work; the time that passes is shown as median and minimum.
 */
export function benchRating(): void {
  const snapshot = makeRatingSnapshot(SMALL);
  const lines = rate(snapshot);
  const small = measure(RUNS, () => rate(snapshot));
  const bare = measure(RUNS, () => multiplyAndSum(lines));
  const larger = makeRatingSnapshot(LARGE);
  const large = measure(RUNS / 5, () => rate(larger));
  const growth = large.work / small.work / (LARGE / SMALL);
  process.stdout.write(`rating: ${SMALL} usage lines, 20 commits, ${lines.length} invoice lines: \
${show(small)} (work at most ${TARGET_MS} ms)
rating: multiplying and adding up the same lines: ${show(bare)}
rating: ratio ${(small.work / bare.work).toFixed(1)}
rating: ${LARGE} usage lines: ${show(large)}, ${growth.toFixed(2)} times the work a line \
(at most ${TARGET_GROWTH})\n`);
  if (small.work > TARGET_MS) throw new Error(`Rating works for ${small.work.toFixed(1)} ms`);
  if (growth > TARGET_GROWTH) throw new Error(`A line costs ${growth.toFixed(2)} times as much`);
}

/** Milliseconds of one run. */
interface Measured {
  /** Processor time, of all runs on average. */
  readonly work: number;
  /** Time that passed. */
  readonly median: number;
  readonly minimum: number;
}

const show = ({ work, median, minimum }: Measured): string =>
  `work ${work.toFixed(2)} ms, median ${median.toFixed(2)} ms, minimum ${minimum.toFixed(2)} ms`;

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
  const workedBefore = workedMs();
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  const work = (workedMs() - workedBefore) / runs;
  return { work, median: times[times.length >> 1] ?? 0, minimum: times[0] ?? 0 };
}

/** Processor time of this thread so far; before Node 23.9 that of all threads. */
function workedMs(): number {
  const { user, system } =
    "threadCpuUsage" in process ? process.threadCpuUsage() : (process as NodeJS.Process).cpuUsage();
  return (user + system) / 1000;
}
