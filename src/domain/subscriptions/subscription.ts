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

/** A change of who has a seat, or of how many seats nobody has. */
export type SeatChange = {
  readonly id: string;
  /** Inclusive, on the hour. */
  readonly startingAt: Instant;
} & SeatWish;

/**
 * - ASSIGN: each of these gets a seat, from those that nobody has while there are any, else a new one.
 *   Who has one keeps it.
 * - UNASSIGN: these and their seats go. Who has none is passed over.
 * - ADD_UNASSIGNED, REMOVE_UNASSIGNED: so many seats that nobody has come, or go as far as they are there.
 *
 * (Metronome API: `seat_updates` of a contract edit.)
 */
export type SeatWish =
  | { readonly type: "ASSIGN" | "UNASSIGN"; readonly seatIds: readonly string[] }
  | { readonly type: "ADD_UNASSIGNED" | "REMOVE_UNASSIGNED"; readonly count: number };

/** What a subscription knows of its seats; its quantities follow from it (seatQuantities). */
export interface SubscriptionSeats {
  /** The property of usage events that names a seat. */
  readonly groupKey: string;
  /** Quantities from before seats were named: so many seats that nobody has. Never empty. */
  readonly base: readonly QuantityChange[];
  /** By time; changes of one instant in the order in which they were made. */
  readonly changes: readonly SeatChange[];
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
  /** null: it is a mere number of units. */
  readonly seats: SubscriptionSeats | null;
  /**
   * End of the last usage invoice that was closed when the subscription was added: what falls due up
   * to there has SCHEDULED invoices of its own. Absent or null: it was there before.
   */
  readonly addedAfter?: Instant | null;
  /** Ids of charges that finalized invoices bill already; others may be among them. */
  readonly invoicedChargeIds: ReadonlySet<string>;
}
