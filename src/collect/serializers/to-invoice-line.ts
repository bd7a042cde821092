import type Stripe from "stripe";
import type { InvoiceItemRow } from "../store/invoice-items.ts";
import { toWireAmount, type Wire } from "../wire.ts";
import { toPeriod, toPricing, toQuantities } from "./to-invoice-item.ts";
import { toDiscountAmounts, toPretaxCredits, toTaxes } from "./to-totals.ts";

/** Where a line comes from: an invoice item, or an item of a subscription. */
const toParent = (row: InvoiceItemRow) => {
  const proration = { proration: row.proration, proration_details: { credited_items: null } };
  return row.line_kind === "item"
    ? {
        invoice_item_details: {
          invoice_item: row.id,
          ...proration,
          subscription: row.subscription,
        },
        subscription_item_details: null,
        type: "invoice_item_details" as const,
      }
    : {
        invoice_item_details: null,
        subscription_item_details: {
          invoice_item: null,
          ...proration,
          subscription: row.subscription,
          subscription_item: row.subscription_item ?? "",
        },
        type: "subscription_item_details" as const,
      };
};

/** An item as the line of its invoice. */
export const toInvoiceLine = (row: InvoiceItemRow) =>
  ({
    id: row.line_id,
    object: "line_item",
    amount: toWireAmount(row.amount_minor),
    currency: row.currency,
    description: row.description,
    discount_amounts: toDiscountAmounts(row.discount_amounts),
    discountable: row.discountable,
    discounts: [...row.discounts],
    invoice: row.invoice,
    livemode: row.livemode,
    metadata: { ...row.metadata },
    parent: toParent(row),
    period: toPeriod(row),
    pretax_credit_amounts: toPretaxCredits(row.discount_amounts),
    pricing: toPricing(row),
    ...toQuantities(row),
    subscription: row.subscription,
    subtotal: toWireAmount(row.amount_minor),
    taxes: toTaxes(row.taxes),
  }) satisfies Wire<Stripe.InvoiceLineItem>;
