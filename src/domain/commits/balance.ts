import type { Decimal } from "../decimal.ts";

/** A segment after rating. granted = used + remaining + rolledOver, and nothing is negative. */
export interface SegmentBalance {
  readonly commitId: string;
  readonly segmentId: string;
  readonly granted: Decimal;
  /** Before this run and by it. */
  readonly used: Decimal;
  readonly remaining: Decimal;
  /** Moved to the contract that follows, before this run and by it. */
  readonly rolledOver: Decimal;
}
