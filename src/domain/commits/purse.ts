import { type Decimal, ZERO } from "../decimal.ts";
import type { CoverableProduct } from "./applicability.ts";
import type { SegmentBalance } from "./balance.ts";
import { compareBurnOrder, toBurnRank } from "./burn-order.ts";
import type { Commit, CommitSegment } from "./commit.ts";

/** One segment with what is left of it while invoices burn it. The only mutable thing in rating. */
export interface BurningSegment {
  readonly commit: Commit;
  /** Changes once, when it takes over what an earlier contract left. */
  segment: CommitSegment;
  /** The commit's own name, else its product's. */
  readonly name: string;
  remaining: Decimal;
  /** What went to the contract that follows; used + remaining + rolledOver = amount. */
  rolledOver: Decimal;
}

export interface NamedProduct extends CoverableProduct {
  readonly name: string;
}

/** All segments of the commits in the order in which they burn. `products` holds every product. */
export function openPurse(
  commits: readonly Commit[],
  products: readonly NamedProduct[],
): BurningSegment[] {
  const names = new Map(products.map(({ productId, name }) => [productId, name]));
  const nameOf = (commit: Commit) => commit.name ?? names.get(commit.productId) ?? "Commit";
  return commits
    .flatMap((commit) => commit.segments.map((segment) => ({ commit, segment })))
    .map((entry) => ({ ...entry, rank: toBurnRank(entry.commit, entry.segment, products) }))
    .sort((a, b) => compareBurnOrder(a.rank, b.rank))
    .map(({ commit, segment }) => ({
      commit,
      segment,
      name: nameOf(commit),
      remaining: remainingOf(segment),
      rolledOver: segment.rolledOver ?? ZERO,
    }));
}

/** Burned beyond its amount (an edit made it smaller): nothing is left, and nothing is owed. */
function remainingOf({ amount, used, rolledOver = ZERO }: CommitSegment): Decimal {
  const remaining = amount.minus(used).minus(rolledOver);
  return remaining.gt(ZERO) ? remaining : ZERO;
}

/** What the segments stand at now. */
export const toBalances = (purse: readonly BurningSegment[]): SegmentBalance[] =>
  purse.map(({ commit, segment, remaining, rolledOver }) => ({
    commitId: commit.id,
    segmentId: segment.id,
    granted: segment.amount,
    used: segment.amount.minus(remaining).minus(rolledOver),
    remaining,
    rolledOver,
  }));
