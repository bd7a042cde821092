import { isBeforeGate } from "../api-version.ts";
import { MAX_LINES } from "../domain/invoice-limits.ts";
import { refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import type { WireInvoice } from "../serializers/to-invoice.ts";
import { lockCustomer } from "../store/customers.ts";
import { attachItems, listPendingItems, type PendingItemsOf } from "../store/invoice-items.ts";
import { hasNumber, type InvoiceRow, insertInvoice } from "../store/invoices.ts";
import { getSubscription, type SubscriptionRow } from "../store/subscriptions.ts";
import { enqueueFinalization } from "./charge-schedule.ts";
import { DEFAULT_CURRENCY } from "./create-invoice-item.ts";
import { claimCurrency } from "./customer-currency.ts";
import { daysUntilDueOf } from "./days-until-due.ts";
import { endUsedDiscounts } from "./discounts/end-discounts.ts";
import { inheritedDiscounts } from "./discounts/inherit-discounts.ts";
import { type DiscountRequest, resolveDiscounts } from "./discounts/resolve-discounts.ts";
import { refreshTotals } from "./invoice-totals.ts";
import { type InvoiceOrigin, type InvoiceRequest, toInvoiceRow } from "./new-invoice-row.ts";
import { requireAttached } from "./obtain-payment-method.ts";
import { recordEvent } from "./record-event.ts";
import { renderInvoice } from "./render-invoice.ts";
import { requireTaxRates } from "./totals/require-tax-rates.ts";

/** Throws 400 when a due time is given for what is charged, or none for what is sent. */
function checkDue({ collectionMethod, daysUntilDue, dueAt }: InvoiceRequest): void {
  const given = [daysUntilDue, dueAt].filter((value) => value !== undefined).length;
  const param = dueAt === undefined ? "days_until_due" : "due_date";
  if (collectionMethod === "charge_automatically" && given > 0) {
    throw refused(
      "invalid_argument",
      `You can only specify \`${param}\` if the collection method is 'send_invoice'.`,
      param,
    );
  }
  if (collectionMethod === "send_invoice" && given === 0) {
    throw refused(
      "parameter_missing",
      "You must specify `days_until_due` or `due_date` if the collection method is 'send_invoice'.",
      "days_until_due",
    );
  }
  if (given > 1) {
    throw refused(
      "parameters_exclusive",
      "You may only specify one of these parameters: days_until_due, due_date.",
      "due_date",
    );
  }
}

/** Throws 400 when the number is another invoice's, or the payment method not the customer's. */
export async function checkReferences(
  scope: Scope,
  customer: string,
  request: {
    readonly number?: string | undefined;
    readonly defaultPaymentMethod?: string | undefined;
  },
): Promise<void> {
  const { number, defaultPaymentMethod } = request;
  if (number !== undefined && (await hasNumber(scope, number))) {
    throw refused("invalid_argument", `The number ${number} is already used.`, "number");
  }
  if (defaultPaymentMethod === undefined) return;
  await requireAttached(scope, customer, defaultPaymentMethod, "default_payment_method");
}

/** Puts pending items of a locked customer on a new invoice without lines, newest first. */
export async function takePendingItems(
  scope: Scope,
  invoice: InvoiceRow,
  { limit = MAX_LINES, ...of }: PendingItemsOf & { readonly limit?: number } = {},
): Promise<InvoiceRow> {
  const items = await listPendingItems(scope, invoice, of, limit);
  await attachItems(
    scope,
    invoice.id,
    items.map((item) => item.id),
    0,
  );
  return refreshTotals(scope, invoice);
}

export interface NewInvoice extends Omit<InvoiceRequest, "discounts"> {
  /** undefined: those of its subscription or its customer. */
  readonly discounts?: readonly DiscountRequest[] | undefined;
}

/**
 * Creates a draft. What the request leaves open follows the API version: before 2018-11-08 it
 * advances by itself about an hour later; before 2022-08-01 it takes the customer's pending items, and
 * having none is a refusal.
 */
export async function createInvoice(
  scope: Scope,
  { discounts, ...asked }: NewInvoice,
): Promise<WireInvoice> {
  const request = { ...asked, daysUntilDue: daysUntilDueOf(scope, asked) };
  checkDue(request);
  const customer = await lockCustomer(scope, request.customer, "customer");
  await checkReferences(scope, customer.id, request);
  const currency = request.currency ?? customer.currency ?? DEFAULT_CURRENCY;
  await claimCurrency(scope, customer, currency);
  const subscription = await subscriptionOf(scope, request);
  const { defaultTaxRates = subscription?.default_tax_rates } = request;
  await requireTaxRates(scope, request.defaultTaxRates ?? [], (n) => `default_tax_rates[${n}]`);
  const inherited =
    discounts === undefined ? await inheritedDiscounts(scope, customer, subscription) : [];
  const row = toInvoiceRow(
    scope,
    { ...request, defaultTaxRates, discounts: inherited },
    customer,
    currency,
    originOf(subscription),
  );
  const own = await resolveDiscounts(
    scope,
    discounts ?? [],
    {
      customer: customer.id,
      invoice: row.id,
      currency,
    },
    { subscription: subscription?.id },
  );
  const empty = await insertInvoice(scope, {
    ...row,
    ...(own.length === 0 ? {} : { discounts: JSON.stringify(own) }),
  });
  const byDefault = isBeforeGate(scope.apiVersion, "pendingItemsExcluded") ? "include" : "exclude";
  // Asked to bill a subscription it takes what waits for that one.
  const takes = subscription !== undefined || (request.pendingItems ?? byDefault) === "include";
  const draft = takes ? await takePendingItems(scope, empty, { only: subscription?.id }) : empty;
  if (takes && request.pendingItems === undefined && draft.line_count === 0) {
    throw refused("invoice_no_customer_line_items", "Nothing to invoice for customer", "customer");
  }
  await scope.onDraft?.(draft);
  enqueueFinalization(scope, draft);
  await endUsedDiscounts(scope, draft);
  const object = await renderInvoice(scope, draft);
  recordEvent(scope, { type: "invoice.created", object });
  return object;
}

/** The subscription whose pending items a one-off invoice is to take. Throws 400. */
async function subscriptionOf(
  scope: Scope,
  { subscription, customer, pendingItems }: InvoiceRequest,
): Promise<SubscriptionRow | undefined> {
  if (subscription === undefined) return undefined;
  if (pendingItems !== undefined) {
    throw refused(
      "parameters_exclusive",
      "You may only specify one of these parameters: pending_invoice_items_behavior, subscription.",
      "pending_invoice_items_behavior",
    );
  }
  const row = await getSubscription(scope, subscription, "subscription");
  if (row.customer === customer) return row;
  throw refused(
    "invalid_argument",
    `The subscription ${subscription} belongs to another customer.`,
    "subscription",
  );
}

const originOf = (subscription: SubscriptionRow | undefined): InvoiceOrigin | undefined =>
  subscription && {
    reason: "manual",
    subscription: subscription.id,
    subscriptionMetadata: subscription.metadata,
  };
