import { type Decimal, min } from "../decimal.ts";
import { type Instant, isAfter } from "../time.ts";
import type { CommitType } from "./commit.ts";
import type { BurningSegment } from "./purse.ts";

/** What a renewal moves from a segment of the contract that ends to one of the contract that follows. */
export interface Rollover {
  readonly fromCommitId: string;
  readonly fromSegmentId: string;
  readonly commitType: CommitType;
  readonly toCommitId: string;
  readonly toSegmentId: string;
  readonly toContractId: string;
  /** 0 when nothing is left to move. */
  readonly amount: Decimal;
  /** The start of the segment that it moves to. */
  readonly at: Instant;
}

/**
 * How much of a segment rolls over: what is left of it, but no more than the fraction of what it
 * granted (Metronome docs: "Handle contract lifecycle transitions"). `fraction` is 0 to 1. Exact.
 */
export const rolloverAmount = (remaining: Decimal, granted: Decimal, fraction: Decimal): Decimal =>
  min(remaining, granted.times(fraction));

/**
 * Moves what rolls over to segments that no invoice has burned before, all of them or those of one
 * contract that are open by an instant; changes the purse in place. Call it when the contract before
 * has burned its share, and before the contract that follows burns. What that one inherits itself
 * comes first, so a chain of renewals carries on.
 */
export function carryOver(
  purse: readonly BurningSegment[],
  into?: { readonly contractId: string; readonly by: Instant },
): Rollover[] {
  const waiting = purse.filter(({ segment: { source } }) => source !== undefined);
  if (waiting.length === 0) return [];
  const bySegment = new Map(purse.map((burning) => [burning.segment.id, burning]));
  const carried: Rollover[] = [];
  const carry = (to: BurningSegment): void => {
    const { source, ...segment } = to.segment;
    if (source === undefined) return;
    const from = bySegment.get(source.segmentId);
    // Its commit was archived: there is nothing to move any more.
    to.segment = segment;
    if (from === undefined) return;
    carry(from);
    const amount = rolloverAmount(from.remaining, from.segment.amount, source.fraction);
    from.remaining = from.remaining.minus(amount);
    from.rolledOver = from.rolledOver.plus(amount);
    to.remaining = to.remaining.plus(amount);
    to.segment = { ...segment, amount: segment.amount.plus(amount) };
    carried.push(toRollover(from, to, amount));
  };
  for (const to of waiting) if (into === undefined || isMeant(to, into)) carry(to);
  return carried;
}

const isMeant = (
  { commit, segment }: BurningSegment,
  into: { readonly contractId: string; readonly by: Instant },
): boolean => commit.contractId === into.contractId && !isAfter(segment.startingAt, into.by);

const toRollover = (from: BurningSegment, to: BurningSegment, amount: Decimal): Rollover => ({
  fromCommitId: from.commit.id,
  fromSegmentId: from.segment.id,
  commitType: from.commit.type,
  toCommitId: to.commit.id,
  toSegmentId: to.segment.id,
  toContractId: to.commit.contractId ?? "",
  amount,
  at: to.segment.startingAt,
});
