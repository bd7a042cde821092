import { sum } from "../decimal.ts";
import type { DrawDown } from "../invoices/invoice.ts";
import { earlier, type Instant } from "../time.ts";
import type { SettledLine } from "./apply-commits.ts";

/** What an invoice burned, one entry per segment in the order of first use. */
export function toDrawDowns(settled: readonly SettledLine[], periodEnd: Instant): DrawDown[] {
  const bySegment = Map.groupBy(
    settled.flatMap(({ covered }) => covered),
    ({ burning }) => burning,
  );
  return [...bySegment].map(([{ commit, segment }, parts]) => ({
    commitId: commit.id,
    segmentId: segment.id,
    commitType: commit.type,
    amount: sum(parts.map(({ amount }) => amount)),
    at: earlier(periodEnd, segment.endingBefore),
  }));
}
