import type { Decimal } from "../src/domain/decimal.ts";

/** One usage event before it gets its customer's id. */
export interface DemoEvent {
  readonly transactionId: string;
  readonly customer: string;
  /** RFC 3339. */
  readonly timestamp: string;
  readonly properties: Readonly<Record<string, string>>;
}

export type DemoPrice =
  | { readonly type: "FLAT"; readonly cents: string }
  /** Graduated: the first `free` units cost nothing, those above `cents` each. */
  | { readonly type: "TIERED"; readonly free: number; readonly cents: string };

/** Something metered and sold: counted events, or the sum of a property. */
export interface DemoProduct {
  readonly name: string;
  /** The property that is summed; undefined = events are counted. */
  readonly property: string | undefined;
  readonly price: DemoPrice;
}

export interface DemoCustomer {
  readonly name: string;
  readonly pays: "charge_automatically" | "send_invoice";
  /** Bought at the start: so much to use, for so much money. */
  readonly prepaid?: { readonly accessCents: number; readonly priceCents: number };
  /** Granted at the start. */
  readonly creditCents?: number;
  /** A fee on each usage invoice of the first period. */
  readonly feeCents?: number;
}

export interface ExpectedInvoice {
  readonly customer: string;
  readonly type: "USAGE" | "SCHEDULED";
  /** "2026-01": the month it bills, or in which it is issued. */
  readonly month: string;
  /** Exact, before the one rounding at the provider. */
  readonly totalCents: Decimal;
}

/** A billing story with its outcome, worked out without the product's help. */
export interface Scenario {
  readonly title: string;
  /** First instant of the story, on the first of a month. */
  readonly startAt: string;
  /** When every invoice of it is finalized and collected. */
  readonly endAt: string;
  readonly products: readonly DemoProduct[];
  readonly customers: readonly DemoCustomer[];
  readonly eventCount: number;
  /** Events in order of time, one list for each day that has any. */
  readonly days: readonly (readonly DemoEvent[])[];
  readonly expected: readonly ExpectedInvoice[];
  /** Quantity sold of each product, over all customers. */
  readonly quantities: Readonly<Record<string, Decimal>>;
}
