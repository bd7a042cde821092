import type { DeliverableInvoice } from "../../src/providers/deliverable-invoice.ts";
import type { Plan } from "../../src/providers/delivery-step.ts";
import type {
  StripeDocument,
  StripeLine,
  StripePayment,
} from "../../src/providers/stripe/document.ts";
import { toStripeDocument } from "../../src/providers/stripe/to-document.ts";
import { type SampleLine, sampleConnection, sampleInvoice } from "./sample-delivery.ts";

export interface SamplePlan {
  readonly invoice?: Partial<DeliverableInvoice>;
  readonly options?: Record<string, unknown>;
  readonly settings?: Record<string, unknown>;
}

const PAYER = { stripe_customer_id: "cus_1", stripe_collection_method: "charge_automatically" };

/** What becomes of an invoice of these lines at Stripe. */
export const planOf = (
  lines: readonly SampleLine[],
  { invoice, options, settings }: SamplePlan = {},
): Plan<StripeDocument | StripePayment> =>
  toStripeDocument(
    sampleInvoice(lines, invoice),
    { ...PAYER, ...options },
    sampleConnection(settings),
  );

/** Its Stripe invoice; throws when there is none. */
export function documentOf(lines: readonly SampleLine[], terms: SamplePlan = {}): StripeDocument {
  const plan = planOf(lines, terms);
  if (plan.outcome === "send" && plan.document.kind === "invoice") return plan.document;
  throw new Error(JSON.stringify(plan));
}

/** "3 x 2.5 = 8": shown with quantity and price; "= 8": sent as one amount. */
export const showLine = ({ priced, amountMinor }: StripeLine): string =>
  priced === undefined
    ? `= ${amountMinor}`
    : `${priced.quantity} x ${priced.unitAmountDecimal} = ${amountMinor}`;

export const units = (quantity: string, unitPrice: string): SampleLine => ({ quantity, unitPrice });

export const credit = (total: string): SampleLine => ({
  type: "applied_commit_or_credit",
  name: "Credit",
  total,
  quantity: null,
  unitPrice: null,
});
