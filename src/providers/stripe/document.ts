import type { Collection } from "../deliverable-invoice.ts";

/** One line as it will stand on the Stripe invoice. */
export interface StripeLine {
  /** Our line's key, in the line's metadata: how a line is recognised again. */
  readonly key: string;
  readonly description: string;
  /** What the line must come to at Stripe, in minor units. */
  readonly amountMinor: bigint;
  /** Set when Stripe may show quantity and unit price; else the line is sent as an amount. */
  readonly priced: StripePriced | undefined;
  readonly productName: string;
  /** An existing Stripe product that the line's price is to belong to. */
  readonly productId: string | undefined;
  /** Beside our line's key. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Of the price behind the line, which Stripe makes with it. */
  readonly priceMetadata: Readonly<Record<string, string>>;
  /** Of the price behind the line; left out: the account's own default. */
  readonly taxBehavior?: "exclusive";
  /** Tax that was calculated elsewhere, for exactly this line; none unless the tax mode says so. */
  readonly taxes: readonly StripeLineTax[];
  /** Unix seconds. */
  readonly period: { readonly start: number; readonly end: number } | undefined;
}

export interface StripePriced {
  readonly unitAmountDecimal: string;
  /** Plain decimal text; whole unless the account's settings allow decimal quantities. */
  readonly quantity: string;
}

export interface StripeLineTax {
  readonly amountMinor: bigint;
  readonly taxableAmountMinor: bigint;
  readonly name: string;
  /** Percent, as decimal text. */
  readonly percentage: string;
}

/** How tax gets onto the invoice at Stripe (docs/stripe.md). */
export type StripeTax =
  | { readonly mode: "none" }
  | {
      /** Stated for the invoice by somebody else, and on our lines from the start; waited for. */
      readonly mode: "precalculated";
      readonly isStated: boolean;
      readonly waitMinutes: number;
      readonly onTimeout: "finalize" | "leave_draft";
    }
  | {
      /** Stripe Tax and tax apps that Stripe runs for us: switched on, then waited for. */
      readonly mode: "stripe" | "anrok" | "avalara";
      readonly waitMinutes: number;
      readonly onTimeout: "finalize" | "leave_draft";
    };

/** A Stripe invoice as we want it. */
export interface StripeDocument {
  readonly kind: "invoice";
  readonly invoiceId: string;
  readonly customer: string;
  /** Lower case, as Stripe writes it. */
  readonly currency: string;
  readonly collectionMethod: "charge_automatically" | "send_invoice";
  readonly daysUntilDue: number | undefined;
  /** Unix seconds; in place of daysUntilDue. */
  readonly dueDate: number | undefined;
  /** Mailed by Stripe once it is finalized. */
  readonly sends: boolean;
  readonly leaveAsDraft: boolean;
  readonly customFields: readonly { readonly name: string; readonly value: string }[];
  readonly tax: StripeTax;
  /** Set when it is collected at once, by an explicit payment and never by Stripe's own schedule. */
  readonly collection: StripeCollection | undefined;
  /** A draft of ours that differs is changed until it is right; otherwise it is kept and reported. */
  readonly revises: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly lines: readonly StripeLine[];
  readonly totalMinor: bigint;
  /** Set when no invoice is made: the lines wait at Stripe for an invoice that is made there. */
  readonly pendingItems: StripePendingItems | undefined;
}

export interface StripePendingItems {
  /** Whose next invoice takes them; undefined: the customer's next one. */
  readonly subscription: string | undefined;
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
