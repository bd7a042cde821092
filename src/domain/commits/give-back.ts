import { isPositive, ZERO } from "../decimal.ts";
import type { DrawDown } from "../invoices/invoice.ts";
import type { Commit, CommitSegment } from "./commit.ts";

/**
 * The commits as if these draw-downs had not been: for rating a period once more on what it had. What
 * was added by hand beyond the rest is granted, as ever: nothing is used less than zero.
 */
export function giveBack(commits: readonly Commit[], drawDowns: readonly DrawDown[]): Commit[] {
  const taken = new Map<string, DrawDown["amount"]>();
  for (const { segmentId, amount } of drawDowns) {
    taken.set(segmentId, (taken.get(segmentId) ?? ZERO).plus(amount));
  }
  if (taken.size === 0) return [...commits];
  const restore = (segment: CommitSegment): CommitSegment => {
    const amount = taken.get(segment.id);
    if (amount === undefined) return segment;
    const used = segment.used.minus(amount);
    return isPositive(used) || used.eq(ZERO)
      ? { ...segment, used }
      : { ...segment, used: ZERO, amount: segment.amount.minus(used) };
  };
  return commits.map((commit) => ({ ...commit, segments: commit.segments.map(restore) }));
}
