import type { ScheduleItem } from "../contracts/contract.ts";
import type { Decimal } from "../decimal.ts";
import type { GroupValues } from "../metering/rollup.ts";
import type { ChildPlan } from "../recurring/child-plan.ts";
import type { Instant } from "../time.ts";

export type CommitType = "PREPAID" | "POSTPAID" | "CREDIT";

/** One window of an access schedule: what may be burned in [startingAt, endingBefore). */
export interface CommitSegment {
  readonly id: string;
  readonly startingAt: Instant;
  readonly endingBefore: Instant;
  /** Granted, in the wire unit of the commit's credit type. */
  readonly amount: Decimal;
  /**
   * What is gone already: draw-downs of every invoice that is not rated in the same run (finalized
   * ones above all) plus manual entries. 0 <= used <= amount.
   */
  readonly used: Decimal;
  /** What a renewal has moved to the contract that follows, for good; absent: nothing. */
  readonly rolledOver?: Decimal;
  /** The one seat whose usage it pays for; absent: anybody's. */
  readonly seat?: SeatKey;
  /** Where its value comes from, as long as that is not final: it is then no part of `amount`. */
  readonly source?: RolloverSource;
}

/** Usage is a seat's that has the seat's id as its value of the group key. */
export interface SeatKey {
  readonly groupKey: string;
  readonly seatId: string;
}

/** The segment of the contract before, and the most that rolls over of what it granted (0 to 1). */
export interface RolloverSource {
  readonly segmentId: string;
  readonly fraction: Decimal;
}

/** What usage a commit pays for, in part: every field that is named must match the line. */
export interface CommitSpecifier {
  readonly productId: string | null;
  /** The product has all of them. */
  readonly productTags: readonly string[] | null;
  /** The line has these values, and may have more. */
  readonly pricingGroupValues: GroupValues | null;
  readonly presentationGroupValues: GroupValues | null;
}

/** A prepaid or postpaid commit, or a credit: value that usage burns before it is billed. */
export interface Commit {
  readonly id: string;
  readonly type: CommitType;
  /** null: lines show the product's name. */
  readonly name: string | null;
  /** The FIXED product the commit is sold as. */
  readonly productId: string;
  readonly creditTypeId: string;
  /** The contract it belongs to; null: it belongs to the customer. */
  readonly contractId: string | null;
  /** For customer-level commits: the contracts that may burn it; null: all of them. */
  readonly applicableContractIds: readonly string[] | null;
  /** Products whose lines burn it. Both null: all products. */
  readonly applicableProductIds: readonly string[] | null;
  /** Tags of products whose lines burn it; a product with any of them qualifies. */
  readonly applicableProductTags: readonly string[] | null;
  /** Usage that burns it, one match is enough; null: products and tags decide. */
  readonly specifiers: readonly CommitSpecifier[] | null;
  /** COMMIT_RATE: usage that it pays for has the commit rate of the card, where there is one. */
  readonly rateType: "LIST_RATE" | "COMMIT_RATE";
  /** Lower burns first. */
  readonly priority: Decimal;
  /** It came from an earlier contract by a transition. */
  readonly isRollover: boolean;
  /** The recurring commit that spawned it, and for what; null: it was agreed on by itself. */
  readonly recurring: ChildPlan | null;
  readonly segments: readonly CommitSegment[];
  /** Contract whose invoices carry the purchase; null: the commit is free. */
  readonly invoiceContractId: string | null;
  /** What is still to be invoiced of the purchase, and when. */
  readonly invoiceSchedule: readonly ScheduleItem[];
}
