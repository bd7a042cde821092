import type { BillingReason } from "../../db/invoicing-tables.ts";
import { MAX_LINES } from "../../domain/invoice-limits.ts";
import type { Scope } from "../../scope.ts";
import type { CustomerRow } from "../../store/customers.ts";
import { insertInvoiceItems } from "../../store/invoice-items.ts";
import { type InvoiceRow, insertInvoice } from "../../store/invoices.ts";
import { type SubscriptionRow, updateSubscription } from "../../store/subscriptions.ts";
import { enqueueFinalization } from "../charge-schedule.ts";
import { takePendingItems } from "../create-invoice.ts";
import { endUsedDiscounts } from "../discounts/end-discounts.ts";
import { activeDiscounts, inheritedDiscounts } from "../discounts/inherit-discounts.ts";
import { refreshTotals } from "../invoice-totals.ts";
import { toInvoiceRow } from "../new-invoice-row.ts";
import { type NewItem, toNewRows } from "../new-items.ts";
import { resolveItems } from "../resolve-items.ts";
import { type SubscriptionLine, toLineRow } from "./subscription-lines.ts";

export interface SubscriptionInvoice {
  readonly reason: BillingReason;
  readonly lines: readonly SubscriptionLine[];
  /** One-off items that were asked for with this invoice. */
  readonly items?: readonly NewItem[];
  readonly autoAdvance: boolean;
  readonly prorationAt?: string | undefined;
  readonly period?: { readonly startAt: string; readonly endAt: string };
}

export interface OpenedInvoice {
  readonly invoice: InvoiceRow;
  readonly subscription: SubscriptionRow;
}

/**
 * Makes the draft of a locked subscription's invoice: the customer's pending items, newest first,
 * then the lines of the subscription (Stripe docs: Invoices, order of lines), then what was asked for
 * with it. The caller tells of it, since it may yet finalize it.
 */
export async function openSubscriptionInvoice(
  scope: Scope,
  customer: CustomerRow,
  subscription: SubscriptionRow,
  { reason, lines, items = [], autoAdvance, prorationAt, period }: SubscriptionInvoice,
): Promise<OpenedInvoice> {
  const { currency } = subscription;
  const request = {
    customer: customer.id,
    autoAdvance,
    collectionMethod: subscription.collection_method,
    daysUntilDue: subscription.days_until_due ?? undefined,
    metadata: {},
    discounts: await inheritedDiscounts(scope, customer, subscription),
    defaultTaxRates: subscription.default_tax_rates,
  };
  const origin = {
    reason,
    subscription: subscription.id,
    subscriptionMetadata: subscription.metadata,
    prorationAt,
    period,
  };
  const empty = await insertInvoice(
    scope,
    toInvoiceRow(scope, request, customer, currency, origin),
  );
  const taken = await takePendingItems(scope, empty, {
    scheduledFor: subscription.id,
    limit: MAX_LINES - lines.length - items.length,
  });
  const place = { invoice: taken, customer: customer.id };
  const resolved = await resolveItems(scope, items, currency);
  const active = await activeDiscounts(
    scope,
    lines.flatMap(({ item }) => item.row.discounts),
  );
  await insertInvoiceItems(scope, [
    ...lines.map((line, offset) => toLineRow(line, { ...place, active, offset })),
    ...(await toNewRows(scope, items, resolved, { ...place, offset: lines.length })),
  ]);
  const invoice = await refreshTotals(scope, taken);
  await scope.onDraft?.(invoice);
  enqueueFinalization(scope, invoice);
  await endUsedDiscounts(scope, invoice);
  const billed = await updateSubscription(scope, subscription.id, { latest_invoice: invoice.id });
  return { invoice, subscription: billed };
}
