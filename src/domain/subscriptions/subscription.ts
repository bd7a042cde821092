import type { Decimal } from "../decimal.ts";
import type { BillingFrequency } from "../period.ts";
import type { AmountRounding } from "../round-quotient.ts";
import type { Instant } from "../time.ts";

/** The quantity of a subscription from `startingAt` until the next change. */
export interface QuantityChange {
  readonly id: string;
  /** Inclusive, on the hour. */
  readonly startingAt: Instant;
  /** 0 or more. */
  readonly quantity: Decimal;
}

/** ADVANCE: a period is billed at its start. ARREARS: at its end. */
export type CollectionSchedule = "ADVANCE" | "ARREARS";

/** When an increase within a period is billed: at once (ADVANCE only), or when the period ends. */
export type InvoiceBehavior = "BILL_IMMEDIATELY" | "BILL_ON_NEXT_COLLECTION_DATE";

/** Whether charges go on usage invoices where they can, or always on SCHEDULED ones. */
export type InvoicePlacement = "ON_USAGE_INVOICE" | "ON_SCHEDULED_INVOICE";

/** A number of units that is billed once in each period, used or not. */
export interface Subscription {
  readonly id: string;
  /** null: lines show the product's name. */
  readonly name: string | null;
  readonly productId: string;
  /** Selects the rate on the contract's card, together with the product. */
  readonly billingFrequency: BillingFrequency;
  readonly collectionSchedule: CollectionSchedule;
  /** false: a part of a period costs as much as the whole. */
  readonly isProrated: boolean;
  /** Of the price of one unit for a part of a period; null: exact. */
  readonly prorationRounding: AmountRounding | null;
  readonly invoiceBehavior: InvoiceBehavior;
  readonly invoicePlacement: InvoicePlacement;
  /** What its periods are counted from; null: from the anchor of the contract's usage periods. */
  readonly anchorAt: Instant | null;
  readonly startingAt: Instant;
  /** Exclusive; null: until the contract ends. */
  readonly endingBefore: Instant | null;
  /** In order of time; of equal starts the later one counts. The first one starts with the term. */
  readonly quantities: readonly QuantityChange[];
  /** Ids of charges that finalized invoices bill already; others may be among them. */
  readonly invoicedChargeIds: ReadonlySet<string>;
}
