import type { CommitType } from "../commits/commit.ts";
import type { Decimal } from "../decimal.ts";
import type { GroupValues } from "../metering/rollup.ts";
import type { Instant, Interval } from "../time.ts";
import type { InvoiceLine } from "./line.ts";

export type InvoiceType = "USAGE" | "SCHEDULED";

/** DRAFT is recomputed, FINALIZED is frozen and hashed, VOID is a finalized one taken back. */
export type InvoiceStatus = "DRAFT" | "FINALIZED" | "VOID";

/** What one invoice burned of one segment. One per invoice and segment. */
export interface DrawDown {
  readonly commitId: string;
  readonly segmentId: string;
  readonly commitType: CommitType;
  /** Positive, in the wire unit of the credit type. */
  readonly amount: Decimal;
  /** End of the service period, or of the segment when that is earlier. */
  readonly at: Instant;
}

/** Usage that could not be priced. It is on no line; a person must add a rate. */
export interface UnpricedUsage {
  readonly productId: string;
  readonly pricingGroupValues: GroupValues;
  readonly startingAt: Instant;
  readonly endingBefore: Instant;
  readonly quantity: Decimal;
}

/** An invoice as rating decides it. Status, issue date and numbers belong to its life, not here. */
export interface RatedInvoice {
  /** Deterministic, see invoice-id.ts. */
  readonly id: string;
  readonly type: InvoiceType;
  readonly customerId: string;
  readonly contractId: string;
  readonly generation: number;
  readonly creditTypeId: string;
  /** The billing period; null for SCHEDULED. */
  readonly period: Interval | null;
  /** When it is due to be issued, before any grace: end of the period, or the scheduled instant. */
  readonly dueAt: Instant;
  readonly lines: readonly InvoiceLine[];
  /** Sum before prepaid and credit offsets. */
  readonly subtotal: Decimal;
  /** Sum of all lines except postpaid offsets, which are paid later. */
  readonly total: Decimal;
  readonly drawDowns: readonly DrawDown[];
  /** What it settles of postpaid commits: the rest of their segments. One per true-up line, 0 too. */
  readonly trueUps: readonly DrawDown[];
  readonly unpriced: readonly UnpricedUsage[];
}
