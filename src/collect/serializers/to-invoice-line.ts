import type Stripe from "stripe";
import type { InvoiceItemRow } from "../store/invoice-items.ts";
import { toWireAmount, type Wire } from "../wire.ts";
import { toPeriod, toPricing, toQuantities } from "./to-invoice-item.ts";

/** An item as the line of its invoice. */
export const toInvoiceLine = (row: InvoiceItemRow) =>
  ({
    id: row.line_id,
    object: "line_item",
    amount: toWireAmount(row.amount_minor),
    currency: row.currency,
    description: row.description,
    discount_amounts: [],
    discountable: row.discountable,
    discounts: [],
    invoice: row.invoice,
    livemode: row.livemode,
    metadata: { ...row.metadata },
    parent: {
      invoice_item_details: {
        invoice_item: row.id,
        proration: false,
        proration_details: { credited_items: null },
        subscription: null,
      },
      subscription_item_details: null,
      type: "invoice_item_details",
    },
    period: toPeriod(row),
    pretax_credit_amounts: [],
    pricing: toPricing(row),
    ...toQuantities(row),
    subscription: null,
    subtotal: toWireAmount(row.amount_minor),
    taxes: [],
  }) satisfies Wire<Stripe.InvoiceLineItem>;
