import { servesContract } from "../commits/applicability.ts";
import type { Commit, CommitSegment } from "../commits/commit.ts";
import type { Contract } from "../contracts/contract.ts";
import { periodContaining } from "../period.ts";
import { earlier, type Instant, type Interval, isAfter, isBefore, later } from "../time.ts";

/**
 * The end of the last billing period whose usage can burn the commit, over all contracts it serves;
 * null when there is none. A true-up is final when the invoices up to it are.
 */
export function lastBurnAt(commit: Commit, contracts: readonly Contract[]): Instant | null {
  const ends = contracts
    .filter(({ id, rateCardId }) => rateCardId !== null && servesContract(commit, id))
    .flatMap((contract) =>
      commit.segments.flatMap(({ startingAt, endingBefore }) => {
        const until = earlier(endingBefore, contract.endingBefore ?? endingBefore);
        if (!isBefore(later(startingAt, contract.startingAt), until)) return [];
        const lastUsage = until.subtract({ nanoseconds: 1 });
        const period = periodContaining(contract.usageSchedule, contract, lastUsage);
        return period === undefined ? [] : [period.end];
      }),
    );
  const [first] = ends;
  return first === undefined ? null : ends.reduce(later, first);
}

/** Whether usage of the period may fall into the segment's access window. */
export const meetsPeriod = (segment: CommitSegment, period: Interval): boolean =>
  isBefore(period.start, segment.endingBefore) && isAfter(period.end, segment.startingAt);
