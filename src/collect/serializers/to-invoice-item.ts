import type Stripe from "stripe";
import { dec, toText } from "../../domain/decimal.ts";
import { wholeQuantity } from "../domain/line-amount.ts";
import type { InvoiceItemRow } from "../store/invoice-items.ts";
import type { TaxRateRow } from "../store/tax-rates.ts";
import { toUnix, toWireAmount, type Wire } from "../wire.ts";
import { toTaxRates } from "./to-tax-rate.ts";

/** Unit price of an item: what was given, or the whole amount of an item without one. */
const unitAmountOf = (row: InvoiceItemRow): string =>
  row.unit_amount === null ? String(row.amount_minor) : toText(dec(row.unit_amount));

/** `pricing` of an item and of its line. */
export const toPricing = (row: InvoiceItemRow) => ({
  ...(row.price === null || row.product === null
    ? {}
    : { price_details: { price: row.price, product: row.product } }),
  type: "price_details" as const,
  unit_amount_decimal: unitAmountOf(row),
});

/** Both forms of a quantity: cut to whole units, and exact. */
export const toQuantities = (row: InvoiceItemRow) => ({
  quantity: toWireAmount(wholeQuantity(dec(row.quantity))),
  quantity_decimal: toText(dec(row.quantity)),
});

/** `period` of an item and of its line. */
export const toPeriod = (row: InvoiceItemRow) => ({
  end: toUnix(row.period_end_at),
  start: toUnix(row.period_start_at),
});

/** What is left of its amount after the discounts that were taken from it. */
const netAmount = (row: InvoiceItemRow): bigint =>
  row.discount_amounts.reduce((left, { amount }) => left - BigInt(amount), row.amount_minor);

/** An item as Stripe's API shows it, with the tax rates that it names. */
export const toInvoiceItem = (row: InvoiceItemRow, rates: ReadonlyMap<string, TaxRateRow>) =>
  ({
    id: row.id,
    object: "invoiceitem",
    amount: toWireAmount(row.amount_minor),
    currency: row.currency,
    customer: row.customer,
    customer_account: null,
    date: toUnix(row.created_at),
    description: row.description,
    discountable: row.discountable,
    discounts: [...row.discounts],
    invoice: row.invoice,
    livemode: row.livemode,
    metadata: { ...row.metadata },
    net_amount: toWireAmount(netAmount(row)),
    parent:
      row.subscription === null
        ? null
        : {
            subscription_details: {
              subscription: row.subscription,
              ...(row.subscription_item === null
                ? {}
                : { subscription_item: row.subscription_item }),
            },
            type: "subscription_details",
          },
    period: toPeriod(row),
    pricing: toPricing(row),
    proration: row.proration,
    ...toQuantities(row),
    tax_rates: toTaxRates(row.tax_rates, rates),
    test_clock: row.test_clock,
  }) satisfies Wire<Stripe.InvoiceItem>;
