import type { SettledLine } from "../commits/apply-commits.ts";
import type { InvoiceLine } from "../invoices/line.ts";

/**
 * Puts settled usage lines in invoice order: by start of the window; within it the covered parts in
 * rate-card order, then their offsets in the same order, then what nobody covered. The input is in
 * rate-card order with tiers ascending; parts of one line follow each other as they burned.
 */
export function inInvoiceOrder(settled: readonly SettledLine[]): InvoiceLine[] {
  const starts = new Map<number, SettledLine[]>();
  for (const line of settled) {
    const start = line.source.window.start.epochMilliseconds;
    const group = starts.get(start);
    if (group === undefined) starts.set(start, [line]);
    else group.push(line);
  }
  return [...starts]
    .sort(([a], [b]) => a - b)
    .flatMap(([, lines]) => {
      const covered = lines.flatMap((line) => line.covered);
      return [
        ...covered.map(({ line }) => line),
        ...covered.map(({ offset }) => offset),
        ...lines.map(({ remainder }) => remainder).filter((line) => line !== null),
      ];
    });
}
