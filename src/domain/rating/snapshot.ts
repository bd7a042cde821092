import type { SegmentBalance } from "../commits/balance.ts";
import type { Commit } from "../commits/commit.ts";
import type { Rollover } from "../commits/rollover.ts";
import type { Contract } from "../contracts/contract.ts";
import type { Conventions } from "../conventions.ts";
import type { RatedInvoice } from "../invoices/invoice.ts";
import type { Metric } from "../metering/metric.ts";
import type { DistinctCounts, MetricRollups } from "../metering/rollup.ts";
import type { Product } from "../pricing/product.ts";
import type { RateCard } from "../pricing/rate.ts";
import type { Instant, Interval } from "../time.ts";
import type { StatedQuantity } from "./stated-quantity.ts";

/** A usage invoice to rate: one billing period of one contract. */
export interface UsageInvoiceRequest {
  readonly type: "USAGE";
  readonly contractId: string;
  readonly period: Interval;
  /** 0 for the first invoice of the period, +1 for each reissue after a void. */
  readonly generation: number;
  /**
   * Of an invoice that was made elsewhere: what it billed, in place of what was metered. Such an
   * invoice has usage only; what is scheduled, and subscriptions, are not on it.
   */
  readonly stated?: readonly StatedQuantity[];
  /** Rated once more for its usage alone; what is scheduled, and subscriptions, stay as billed. */
  readonly meteredOnly?: boolean;
  /**
   * Instants by which it is asked how far each line had come, ascending; see course.ts. They change no
   * amount, and cut nothing.
   */
  readonly courseAt?: readonly Instant[];
}

/** A scheduled invoice to rate: everything one contract has scheduled at one instant. */
export interface ScheduledInvoiceRequest {
  readonly type: "SCHEDULED";
  readonly contractId: string;
  readonly at: Instant;
  readonly generation: number;
}

export type InvoiceRequest = UsageInvoiceRequest | ScheduledInvoiceRequest;

/**
 * Everything that rating one customer depends on, as plain values. The order inside the arrays has
 * no meaning, except `contracts` (oldest first) and `RateCard.productOrder`. Equal snapshots give equal invoices, byte for byte.
 */
export interface RatingSnapshot {
  readonly environmentId: string;
  readonly customerId: string;
  /** The environment's time. Empty lines of price windows that have not begun are left out. */
  readonly now: Instant;
  /** The environment's settings, the same for every invoice of a run. */
  readonly conventions: Conventions;
  readonly contracts: readonly Contract[];
  readonly rateCards: readonly RateCard[];
  readonly products: readonly Product[];
  readonly metrics: readonly Metric[];
  /** Rows of the customer that cover at least the requested periods; other hours are ignored. */
  readonly rollups: readonly MetricRollups[];
  /** One answer for each window of `distinctWindows(snapshot)`; a missing one is an error. */
  readonly distinctCounts: readonly DistinctCounts[];
  /** Every commit and credit that a requested invoice could burn or bill. */
  readonly commits: readonly Commit[];
  /** The invoices to rate. They share the commits, the earlier period end first. */
  readonly requests: readonly InvoiceRequest[];
}

/** The decision: invoices in the order in which they burned commits, and what is left. */
export interface RatingResult {
  readonly invoices: readonly RatedInvoice[];
  readonly balances: readonly SegmentBalance[];
  /** What moves from contract to contract as far as that is not final, in the order of moving. */
  readonly rollovers: readonly Rollover[];
}
