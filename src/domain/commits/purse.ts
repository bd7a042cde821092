import { type Decimal, ZERO } from "../decimal.ts";
import type { CoverableProduct } from "./applicability.ts";
import { compareBurnOrder, toBurnRank } from "./burn-order.ts";
import type { SegmentBalance } from "./balance.ts";
import type { Commit, CommitSegment } from "./commit.ts";

/** One segment with what is left of it while invoices burn it. The only mutable thing in rating. */
export interface BurningSegment {
  readonly commit: Commit;
  readonly segment: CommitSegment;
  remaining: Decimal;
}

/** All segments of the commits in the order in which they burn. */
export function openPurse(
  commits: readonly Commit[],
  products: readonly CoverableProduct[],
): BurningSegment[] {
  return commits
    .flatMap((commit) => commit.segments.map((segment) => ({ commit, segment })))
    .map((entry) => ({ ...entry, rank: toBurnRank(entry.commit, entry.segment, products) }))
    .sort((a, b) => compareBurnOrder(a.rank, b.rank))
    .map(({ commit, segment }) => ({ commit, segment, remaining: remainingOf(segment) }));
}

/** Burned beyond its amount (an edit made it smaller): nothing is left, and nothing is owed. */
function remainingOf({ amount, used }: CommitSegment): Decimal {
  const remaining = amount.minus(used);
  return remaining.gt(ZERO) ? remaining : ZERO;
}

/** What the segments stand at now. */
export const toBalances = (purse: readonly BurningSegment[]): SegmentBalance[] =>
  purse.map(({ commit, segment, remaining }) => ({
    commitId: commit.id,
    segmentId: segment.id,
    granted: segment.amount,
    used: segment.amount.minus(remaining),
    remaining,
  }));
