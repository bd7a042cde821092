import type { Decimal } from "../decimal.ts";
import type { BillingFrequency } from "../period.ts";
import type { Instant } from "../time.ts";

/** Which of the first and the last child are cut to their part of a period. */
export type Proration = "NONE" | "FIRST" | "LAST" | "FIRST_AND_LAST";

/** So many units at a price in the wire unit of a credit type. */
export interface UnitAmount {
  readonly unitPrice: Decimal;
  readonly quantity: Decimal;
}

/** For which units value is granted, and to whom. */
export interface SubscriptionConfig {
  readonly subscriptionId: string;
  /** Whether what comes within a period brings only its share of it. */
  readonly isIncreaseProrated: boolean;
  /** POOLED: all units pay into one pool. INDIVIDUAL: each seat has its own part, for its usage alone. */
  readonly allocation: "POOLED" | "INDIVIDUAL";
}

/** A recurring commit or credit, as far as the children it spawns depend on it. */
export interface RecurringCommit {
  readonly id: string;
  /** COMMIT spawns prepaid commits, CREDIT credits. */
  readonly type: "COMMIT" | "CREDIT";
  /** What a child grants. `quantity` null: the quantity of the subscription. */
  readonly access: { readonly unitPrice: Decimal; readonly quantity: Decimal | null };
  /** What is billed for a child; null: it is free. */
  readonly invoice: UnitAmount | null;
  /** How many periods a child gives access for, 1 or more; its own period is the first of them. */
  readonly durationPeriods: number;
  /**
   * How often a child is spawned, counted from `startingAt`; null: with the usage invoices of the
   * contract, counted from their anchor.
   */
  readonly frequency: BillingFrequency | null;
  readonly proration: Proration;
  readonly rateType: "LIST_RATE" | "COMMIT_RATE";
  readonly startingAt: Instant;
  /** No child's period starts on or after it; null: until the contract ends. */
  readonly endingBefore: Instant | null;
  /** The subscription whose units it grants value for. */
  readonly pool: SubscriptionConfig | null;
}
