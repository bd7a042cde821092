import type { Decimal } from "../decimal.ts";
import type { MultiplierPrioritization, Override } from "../overrides/override.ts";
import type { UsageSchedule } from "../period.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { Instant } from "../time.ts";

/** One dated amount of a scheduled charge or of a commit purchase. */
export interface ScheduleItem {
  readonly id: string;
  readonly at: Instant;
  readonly quantity: Decimal;
  /** In the wire unit of the credit type. */
  readonly unitPrice: Decimal;
  /** What is billed. Equals quantity x unitPrice except where a divided total left a remainder. */
  readonly amount: Decimal;
}

/** A fixed amount billed at agreed times, independent of usage. */
export interface ScheduledCharge {
  readonly id: string;
  /** null: lines show the product's name. */
  readonly name: string | null;
  readonly productId: string;
  readonly creditTypeId: string;
  readonly items: readonly ScheduleItem[];
}

/** The terms of one contract as far as invoices depend on them. */
export interface Contract {
  readonly id: string;
  readonly startingAt: Instant;
  /** Exclusive; null: open-ended. */
  readonly endingBefore: Instant | null;
  /** null: the contract bills no usage. */
  readonly rateCardId: string | null;
  /** The fiat credit type of its invoices. */
  readonly fiatCreditTypeId: string;
  readonly usageSchedule: UsageSchedule;
  /** true: an item dated at the end of a usage invoice's period joins that invoice. */
  readonly scheduledChargesOnUsageInvoices: boolean;
  readonly scheduledCharges: readonly ScheduledCharge[];
  /** What it changes of the prices on its rate card. */
  readonly overrides: readonly Override[];
  readonly multiplierPrioritization: MultiplierPrioritization;
  readonly subscriptions: readonly Subscription[];
}
