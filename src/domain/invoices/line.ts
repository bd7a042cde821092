import type { CommitType } from "../commits/commit.ts";
import type { Decimal } from "../decimal.ts";
import type { GroupValues } from "../metering/rollup.ts";
import type { ListPrice } from "../pricing/list-price.ts";
import type { ProductType } from "../pricing/product.ts";
import type { Instant } from "../time.ts";
import type { TraceStep } from "./trace.ts";

export type LineType =
  | "usage"
  | "subscription"
  | "applied_commit_or_credit"
  | "scheduled"
  | "commit_purchase"
  | "cpu_conversion";

/** The tier a usage line was priced in. Quantities count from the start of the billing period. */
export interface LineTier {
  /** 1 for the first tier. */
  readonly level: number;
  readonly startingAt: Decimal;
  /** null: the tier has no end. */
  readonly size: Decimal | null;
}

/** The commit segment that paid for a line (on the covered line and on its offset), or is paid by it (true-up). */
export interface LineCommit {
  readonly commitId: string;
  readonly segmentId: string;
  readonly type: CommitType;
}

/** What a subscription line tells of its subscription. */
export interface LineSubscription {
  readonly id: string;
  /** The unit price pays for less than a whole period. */
  readonly isProrated: boolean;
}

/**
 * The smallest explained amount of an invoice, exact. Fields that a type does not have are null:
 *
 * - usage: product, window, quantity, unitPrice; tier under a tiered rate; commit when covered.
 * - subscription: product, window that is paid for, quantity, unitPrice, subscription, scheduleItemId
 *   (the id of the charge); commit when covered.
 * - applied_commit_or_credit: the covered product and its window, commit, a negative total.
 * - scheduled: product, quantity, unitPrice, scheduledChargeId, scheduleItemId.
 * - commit_purchase: product, quantity, unitPrice, purchasedCommitId, scheduleItemId; commit on
 *   a true-up.
 * - cpu_conversion: quantity (what is left to pay of a custom pricing unit), unitPrice (what one costs);
 *   commit when covered. No product: the unit's lines may be of several.
 */
export interface InvoiceLine {
  /** Stable and unique within the invoice: rating again gives a line that means the same its key. */
  readonly lineKey: string;
  readonly type: LineType;
  readonly name: string;
  readonly creditTypeId: string;
  /** Exact, in the wire unit of the credit type. */
  readonly total: Decimal;
  readonly quantity: Decimal | null;
  readonly unitPrice: Decimal | null;
  /** null, as the type: the line is of no product. */
  readonly productId: string | null;
  readonly productType: ProductType | null;
  readonly productTags: readonly string[];
  readonly startingAt: Instant | null;
  readonly endingBefore: Instant | null;
  /** null: the product is not priced by groups. */
  readonly pricingGroupValues: GroupValues | null;
  readonly presentationGroupValues: GroupValues | null;
  readonly tier: LineTier | null;
  readonly commit: LineCommit | null;
  readonly purchasedCommitId: string | null;
  readonly scheduledChargeId: string | null;
  readonly subscription: LineSubscription | null;
  /** What is billed once, for ever: an item of a schedule, a charge of a subscription. */
  readonly scheduleItemId: string | null;
  /** Of usage and subscription lines: what the card listed when the line was rated. */
  readonly listPrice?: ListPrice;
  /** How the amount came about, first step first. */
  readonly trace: readonly TraceStep[];
}

/** What lines of some types have and others do not, absent. */
export const NO_LINE_DETAILS = {
  startingAt: null,
  endingBefore: null,
  pricingGroupValues: null,
  presentationGroupValues: null,
  tier: null,
  commit: null,
  purchasedCommitId: null,
  scheduledChargeId: null,
  subscription: null,
  scheduleItemId: null,
} as const satisfies Partial<InvoiceLine>;

/** A line that is of a product. */
export type ProductLine = InvoiceLine & {
  readonly productId: string;
  readonly productType: ProductType;
};
