import type { Collection } from "../provider.ts";

/** One line as it will stand on the Stripe invoice. */
export interface StripeLine {
  /** Our line's key, in the line's metadata: how a line is recognised again. */
  readonly key: string;
  readonly description: string;
  /** What the line must come to at Stripe, in minor units. */
  readonly amountMinor: bigint;
  /** Set when Stripe may show quantity and unit price; else the line is sent as an amount. */
  readonly priced: { readonly unitAmountDecimal: string; readonly quantity: number } | undefined;
  readonly productName: string;
  /** Unix seconds. */
  readonly period: { readonly start: number; readonly end: number } | undefined;
}

/** A Stripe invoice as we want it. */
export interface StripeDocument {
  readonly kind: "invoice";
  readonly invoiceId: string;
  readonly customer: string;
  /** Lower case, as Stripe writes it. */
  readonly currency: string;
  readonly collectionMethod: "charge_automatically" | "send_invoice";
  readonly daysUntilDue: number | undefined;
  readonly leaveAsDraft: boolean;
  /** Set when it is collected at once, by an explicit payment and never by Stripe's own schedule. */
  readonly collection: StripeCollection | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly lines: readonly StripeLine[];
  readonly totalMinor: bigint;
}

export type StripeCollection = Pick<Collection, "wanted" | "isOnSession">;

/** A PaymentIntent as we want it: one amount, without an invoice at Stripe. */
export interface StripePayment {
  readonly kind: "payment";
  readonly invoiceId: string;
  readonly customer: string;
  /** Lower case, as Stripe writes it. */
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly collection: StripeCollection;
}
