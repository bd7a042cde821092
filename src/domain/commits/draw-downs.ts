import type { DrawDown } from "../invoices/invoice.ts";
import { earlier, type Instant } from "../time.ts";
import type { SettledLine } from "./apply-commits.ts";

/** What an invoice burned, one entry per segment in the order of first use. */
export function toDrawDowns(settled: readonly SettledLine[], periodEnd: Instant): DrawDown[] {
  const bySegment = new Map<string, DrawDown>();
  for (const { burning, amount } of settled.flatMap(({ covered }) => covered)) {
    const { commit, segment } = burning;
    const known = bySegment.get(segment.id);
    bySegment.set(segment.id, {
      commitId: commit.id,
      segmentId: segment.id,
      commitType: commit.type,
      amount: known === undefined ? amount : known.amount.plus(amount),
      at: earlier(periodEnd, segment.endingBefore),
    });
  }
  return [...bySegment.values()];
}
