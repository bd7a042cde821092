import type { Decimal } from "../decimal.ts";
import type { BurningSegment } from "./purse.ts";

/** What is still owed of a postpaid commit when all usage that could burn it is invoiced. */
export interface TrueUp {
  readonly commitId: string;
  readonly segmentId: string;
  readonly name: string;
  readonly committed: Decimal;
  /** Usage that was billed against the commit, and manual entries. */
  readonly applied: Decimal;
  /** What a renewal moved to the next contract, which is owed there. */
  readonly rolledOver: Decimal;
  /** committed - applied - rolledOver, never negative. */
  readonly amount: Decimal;
}

/** The true-up of a segment as it stands. */
export const toTrueUp = ({
  commit,
  segment,
  name,
  remaining,
  rolledOver,
}: BurningSegment): TrueUp => ({
  commitId: commit.id,
  segmentId: segment.id,
  name,
  committed: segment.amount,
  applied: segment.amount.minus(remaining).minus(rolledOver),
  rolledOver,
  amount: remaining,
});
