import { instant, instantText } from "../../../domain/time.ts";
import { pinClock } from "../../../platform/clock/clock.ts";
import { isTestClock } from "../../../platform/jobs/job-table.ts";
import type { CollectionMethod } from "../../db/invoicing-tables.ts";
import type { TrialEndBehavior } from "../../db/subscription-tables.ts";
import { processorOf } from "../../domain/processor.ts";
import { settle } from "../../domain/settlement.ts";
import { type FirstPeriod, firstPeriod } from "../../domain/subscriptions/first-period.ts";
import type { Recurrence } from "../../domain/subscriptions/recurrence.ts";
import { refused } from "../../errors.ts";
import { newId } from "../../ids.ts";
import type { Scope } from "../../scope.ts";
import type { WireSubscription } from "../../serializers/to-subscription.ts";
import { type CustomerRow, lockCustomer } from "../../store/customers.ts";
import type { PriceRow } from "../../store/prices.ts";
import { insertSubscriptionItems } from "../../store/subscription-items.ts";
import {
  getSubscription,
  insertSubscription,
  type SubscriptionRow,
  updateSubscription,
} from "../../store/subscriptions.ts";
import { claimCurrency } from "../customer-currency.ts";
import { daysUntilDueOf } from "../days-until-due.ts";
import { type DiscountRequest, resolveDiscounts } from "../discounts/resolve-discounts.ts";
import type { NewItem } from "../new-items.ts";
import { requireAttached } from "../obtain-payment-method.ts";
import { recordEvent } from "../record-event.ts";
import { renderInvoice } from "../render-invoice.ts";
import { requireTaxRates } from "../totals/require-tax-rates.ts";
import type { ItemTermsRequest } from "../totals/resolve-item-terms.ts";
import { assertDays } from "./check-terms.ts";
import { collectNow, type PaymentBehavior } from "./collect-now.ts";
import { livingStatus } from "./follow-invoice.ts";
import { resolveSubscriptionItemTerms } from "./item-terms.ts";
import { type LoadedItem, loadItemsOf, recurrenceOf } from "./load-items.ts";
import { assertOneRhythm, obtainPrice, type PriceSource } from "./obtain-prices.ts";
import { type OpenedInvoice, openSubscriptionInvoice } from "./open-subscription-invoice.ts";
import { renderSubscription } from "./render-subscription.ts";
import { periodLines, remainingLines, type SubscriptionLine } from "./subscription-lines.ts";
import { enqueueExpiry, enqueueTrialNotice, enqueueTurn } from "./subscription-schedule.ts";

export interface NewSubscriptionItem extends ItemTermsRequest {
  readonly price: PriceSource;
  readonly quantity: bigint;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface SubscriptionRequest {
  readonly customer: string;
  readonly items: readonly NewSubscriptionItem[];
  readonly currency?: string | undefined;
  readonly collectionMethod: CollectionMethod;
  readonly daysUntilDue?: number | undefined;
  readonly defaultPaymentMethod?: string | undefined;
  readonly description?: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly discounts: readonly DiscountRequest[];
  /** Ids. */
  readonly defaultTaxRates: readonly string[];
  /** When the trial ends, from the recurrence of the first price; undefined: no trial. */
  readonly trialEndAt: (prices: readonly PriceRow[]) => string | undefined;
  readonly trialEndBehavior: TrialEndBehavior;
  readonly anchorAt: (recurrence: Recurrence) => string | undefined;
  readonly prorates: boolean;
  readonly paymentBehavior: PaymentBehavior;
  readonly cancelAtPeriodEnd: boolean;
  readonly cancelAt?: string | undefined;
  readonly billingMode: "classic" | "flexible";
  readonly addInvoiceItems: readonly NewItem[];
}

/**
 * Starts a subscription: its first invoice is made, finalized and, where it is charged, paid at once.
 * A payment that fails leaves the subscription incomplete, unless the request wants an error then.
 */
export async function createSubscription(
  scope: Scope,
  asked: SubscriptionRequest,
): Promise<WireSubscription> {
  const request = { ...asked, daysUntilDue: daysUntilDueOf(scope, asked) };
  const customer = await lockCustomer(scope, request.customer, "customer");
  assertDays(request.collectionMethod, request.daysUntilDue);
  if (request.defaultPaymentMethod !== undefined) {
    const param = "default_payment_method";
    await requireAttached(scope, customer.id, request.defaultPaymentMethod, param);
  }
  const prices: PriceRow[] = [];
  for (const { price } of request.items) prices.push(await obtainPrice(scope, price));
  assertOneRhythm(prices);
  const currency = currencyOf(prices, request.currency);
  const payer = await claimCurrency(scope, customer, currency);
  const first = chooseFirstPeriod(scope, request, prices);
  await requireTaxRates(scope, request.defaultTaxRates, (n) => `default_tax_rates[${n}]`);
  const id = newId("sub");
  const holder = { customer: customer.id, subscription: id, currency };
  const discounts = await resolveDiscounts(scope, request.discounts, holder);
  const row = await insertSubscription(scope, {
    ...toRow(scope, request, currency, first),
    id,
    discounts: JSON.stringify(discounts),
    default_tax_rates: JSON.stringify(request.defaultTaxRates),
  });
  // From now on the sandbox's clock only goes forwards.
  if (!isTestClock(scope.clock)) await pinClock(scope.tx, scope.clock);
  for (const [n, { quantity, metadata, ...terms }] of request.items.entries()) {
    const itemId = newId("si");
    const item = {
      id: itemId,
      subscription: row.id,
      price: prices[n]?.id ?? "",
      quantity,
      metadata: JSON.stringify(metadata),
    };
    const more = await resolveSubscriptionItemTerms(scope, terms, { ...holder, itemId });
    await insertSubscriptionItems(scope, [{ ...item, ...more }]);
  }
  const items = await loadItemsOf(scope, row.id);
  const opened = await openSubscriptionInvoice(scope, payer, row, {
    reason: "subscription_create",
    lines: firstLines(first, items, request.prorates),
    items: request.addInvoiceItems,
    autoAdvance: false,
  });
  await announce(scope, payer, opened);
  await collectNow(scope, opened.invoice, { behavior: request.paymentBehavior, retries: false });
  return settleStart(scope, row.id);
}

function currencyOf(prices: readonly PriceRow[], wanted: string | undefined): string {
  const currency = prices[0]?.currency ?? "";
  if (wanted === undefined || wanted.toLowerCase() === currency) return currency;
  throw refused(
    "invalid_argument",
    `The subscription's prices are in ${currency}, not in ${wanted}.`,
    "currency",
  );
}

function chooseFirstPeriod(
  scope: Scope,
  request: SubscriptionRequest,
  prices: readonly PriceRow[],
): FirstPeriod {
  const [price] = prices;
  if (price === undefined) throw new Error("A subscription has a price");
  const recurrence = recurrenceOf(price);
  const trialEndAt = request.trialEndAt(prices);
  const anchorAt = request.anchorAt(recurrence);
  if (trialEndAt !== undefined && anchorAt !== undefined) {
    throw refused(
      "parameters_exclusive",
      "A trial's end is the billing cycle anchor: give either a trial or an anchor.",
      "billing_cycle_anchor",
    );
  }
  const first = firstPeriod({
    startingAt: instant(scope.nowAt),
    recurrence,
    trialEndAt: trialEndAt === undefined ? undefined : instant(trialEndAt),
    anchorAt: anchorAt === undefined ? undefined : instant(anchorAt),
  });
  if (first !== undefined) return first;
  throw refused(
    "invalid_argument",
    "billing_cycle_anchor cannot be later than one billing period from now.",
    "billing_cycle_anchor",
  );
}

function firstLines(
  first: FirstPeriod,
  items: readonly LoadedItem[],
  prorates: boolean,
): SubscriptionLine[] {
  if (first.kind !== "stub") {
    return periodLines(items, first.period, { isTrial: first.kind === "trial" });
  }
  return prorates ? remainingLines(items, first.whole, first.period.start) : [];
}

function toRow(
  scope: Scope,
  request: SubscriptionRequest,
  currency: string,
  { kind, anchor, period }: FirstPeriod,
) {
  const isTrial = kind === "trial";
  const cancels = request.cancelAtPeriodEnd || request.cancelAt !== undefined;
  return {
    customer: request.customer,
    status: isTrial ? "trialing" : "active",
    currency,
    collection_method: request.collectionMethod,
    days_until_due: request.daysUntilDue ?? null,
    billing_cycle_anchor_at: instantText(anchor),
    billing_mode: request.billingMode,
    started_at: scope.nowAt,
    current_period_start_at: instantText(period.start),
    current_period_end_at: instantText(period.end),
    trial_start_at: isTrial ? instantText(period.start) : null,
    trial_end_at: isTrial ? instantText(period.end) : null,
    trial_end_behavior: request.trialEndBehavior,
    cancel_at_period_end: request.cancelAtPeriodEnd,
    cancel_at: request.cancelAt ?? null,
    canceled_at: cancels ? scope.nowAt : null,
    ended_at: null,
    cancellation: JSON.stringify({ comment: null, feedback: null, reason: null }),
    sweeps_items: false,
    default_payment_method: request.defaultPaymentMethod ?? null,
    description: request.description ?? null,
    latest_invoice: null,
    metadata: JSON.stringify(request.metadata),
  } as const;
}

/** Tells of the subscription, which waits for its payment when one is due, and of its first invoice. */
async function announce(
  scope: Scope,
  payer: CustomerRow,
  { invoice, subscription }: OpenedInvoice,
): Promise<void> {
  const { amountDue } = settle({
    total: invoice.total_minor,
    balance: payer.balance_minor,
    currency: invoice.currency,
  });
  const charged =
    invoice.collection_method === "charge_automatically" && processorOf(scope).collects;
  const row =
    charged && amountDue > 0n
      ? await updateSubscription(scope, subscription.id, { status: "incomplete" })
      : subscription;
  const object = await renderSubscription(scope, row);
  recordEvent(scope, { type: "customer.subscription.created", object });
  recordEvent(scope, {
    type: "invoice.created",
    object: await renderInvoice(scope, invoice),
  });
}

/** What follows from how the first payment went. */
async function settleStart(scope: Scope, id: string): Promise<WireSubscription> {
  const row: SubscriptionRow = await getSubscription(scope, id);
  if (row.status === "incomplete") enqueueExpiry(scope, row);
  else enqueueTurn(scope, row);
  if (livingStatus(scope, row) === "trialing") enqueueTrialNotice(scope, row);
  return renderSubscription(scope, row);
}
