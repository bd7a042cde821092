import type Stripe from "stripe";
import type { Known, ProviderRequest } from "../delivery-step.ts";
import type { StripePayer } from "./customer-currency.ts";

/** What stands at Stripe: nothing yet, the invoice with every one of its lines, nothing any more. */
export type StripeObserved =
  /** With the payer, as far as it was looked at; null: there is none. */
  | { readonly state: "none"; readonly payer?: StripePayer | null; readonly known: Known }
  | { readonly state: "deleted"; readonly externalId: string }
  | FoundInvoice;

/** An invoice that stands at Stripe, and what we know of our own writes to it. */
export interface FoundInvoice {
  readonly state: "found";
  readonly invoice: Stripe.Invoice;
  readonly lines: readonly Stripe.InvoiceLineItem[];
  readonly known: Known;
}

export const invoicePath = ({ id }: Stripe.Invoice): string => `/v1/invoices/${id}`;

/** Whether a write to this path is among them. */
export const includesPath = (requests: readonly ProviderRequest[], path: string): boolean =>
  requests.some((request) => request.path === path);
