import { type Decimal, toText } from "../../../domain/decimal.ts";
import { type Instant, instantText } from "../../../domain/time.ts";
import { assertLineAmount } from "../../domain/invoice-limits.ts";
import { lineAmount } from "../../domain/line-amount.ts";
import { prorationText, recurringText, trialText } from "../../domain/subscriptions/line-text.ts";
import { remainingAmount } from "../../domain/subscriptions/proration.ts";
import type { Period } from "../../domain/subscriptions/recurrence.ts";
import { billedUnits } from "../../domain/subscriptions/recurring-amount.ts";
import { newId } from "../../ids.ts";
import type { InvoiceItemInsert } from "../../store/invoice-items.ts";
import type { InvoiceRow } from "../../store/invoices.ts";
import { type LoadedItem, recurrenceOf, unitAmountOf } from "./load-items.ts";

/** What a subscription's item costs in one stretch of time. */
export interface SubscriptionLine {
  readonly item: LoadedItem;
  readonly period: Period;
  readonly amountMinor: bigint;
  readonly description: string;
  readonly proration: boolean;
}

/** A whole period in advance, or free while it is a trial (Stripe docs: How subscriptions work). */
export const periodLines = (
  items: readonly LoadedItem[],
  period: Period,
  { isTrial = false } = {},
): SubscriptionLine[] =>
  items.map((item) => ({
    item,
    period,
    amountMinor: isTrial ? 0n : wholeAmount(item),
    description: isTrial ? trialText(item.productName) : describe(item),
    proration: false,
  }));

/** The rest of a period that began before: what is left of it in time is what it costs. */
export const remainingLines = (
  items: readonly LoadedItem[],
  whole: Period,
  from: Instant,
): SubscriptionLine[] =>
  items.map((item) => ({
    item,
    period: { start: from, end: whole.end },
    amountMinor: amountLeft(item, whole, from),
    description: prorationText("remaining", item.productName, item.row.quantity, from),
    proration: true,
  }));

/** What was paid for and is given back from an instant on: negative. */
export const unusedLines = (
  items: readonly LoadedItem[],
  whole: Period,
  from: Instant,
): SubscriptionLine[] =>
  items.map((item) => ({
    item,
    period: { start: from, end: whole.end },
    amountMinor: -amountLeft(item, whole, from),
    description: prorationText("unused", item.productName, item.row.quantity, from),
    proration: true,
  }));

const unitsOf = ({ row, price }: LoadedItem): Decimal =>
  billedUnits(row.quantity, price.transform_quantity);

function wholeAmount(item: LoadedItem): bigint {
  const amount = lineAmount(unitAmountOf(item), unitsOf(item));
  assertLineAmount(amount, item.price.currency, "items");
  return amount;
}

const amountLeft = (item: LoadedItem, whole: Period, from: Instant): bigint =>
  remainingAmount(unitAmountOf(item), unitsOf(item), whole, from);

const describe = (item: LoadedItem): string =>
  recurringText(
    item.productName,
    item.row.quantity,
    { unitAmount: unitAmountOf(item), currency: item.price.currency },
    recurrenceOf(item.price),
  );

interface LinePlace {
  /** undefined: it waits for the next invoice, as an invoice item. */
  readonly invoice: InvoiceRow | undefined;
  readonly customer: string;
  /** The discounts that still apply: one of an item may have ended. */
  readonly active: readonly string[];
  /** Lines that stand before it, when on an invoice. */
  readonly offset: number;
}

/** The row of a line: the subscription's own on an invoice, an invoice item while it waits. */
export const toLineRow = (
  { item, period, amountMinor, description, proration }: SubscriptionLine,
  { invoice, customer, active, offset }: LinePlace,
): InvoiceItemInsert => ({
  id: newId("ii"),
  line_id: newId("il"),
  customer,
  invoice: invoice?.id ?? null,
  position: invoice === undefined ? null : invoice.last_position + 1 + offset,
  was_pending: invoice === undefined,
  line_kind: invoice === undefined ? "item" : "subscription",
  subscription: item.row.subscription,
  subscription_item: item.row.id,
  proration,
  currency: item.price.currency,
  amount_minor: amountMinor,
  unit_amount: toText(unitAmountOf(item)),
  quantity: item.row.quantity.toString(),
  price: item.price.id,
  product: item.price.product,
  description,
  discountable: !proration,
  // A proration is never discounted again; taxes are due on it as on any line.
  discounts: JSON.stringify(
    proration ? [] : item.row.discounts.filter((id) => active.includes(id)),
  ),
  tax_rates: JSON.stringify(item.row.tax_rates),
  metadata: JSON.stringify(item.row.metadata),
  period_start_at: instantText(period.start),
  period_end_at: instantText(period.end),
});
