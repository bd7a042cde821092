import { instant, instantText } from "../../domain/time.ts";
import { isBeforeGate } from "../api-version.ts";
import { mergeMetadata } from "../domain/metadata.ts";
import { anchorFromConfig } from "../domain/subscriptions/anchor-config.ts";
import { refused } from "../errors.ts";
import type { NewItem } from "../operations/new-items.ts";
import type { ItemEdit } from "../operations/subscriptions/change-items.ts";
import type { SubscriptionUpdate } from "../operations/subscriptions/change-subscription.ts";
import { assertFuture } from "../operations/subscriptions/check-terms.ts";
import type { SubscriptionRequest } from "../operations/subscriptions/create-subscription.ts";
import type { PriceSource } from "../operations/subscriptions/obtain-prices.ts";
import type { Scope } from "../scope.ts";
import type { PriceRow } from "../store/prices.ts";
import { paramUnder, toNewItem } from "./item-params.ts";
import type { ParamsOf } from "./params.ts";
import { readUnitAmount } from "./price-params.ts";
import {
  MAX_TRIAL_DAYS,
  type pricedItem,
  type subscriptionChanges,
  type subscriptionCreation,
} from "./subscription-params.ts";
import { toDiscountRequests, toItemTerms } from "./totals-params.ts";

type PricedParams = ParamsOf<typeof pricedItem>;

/** The one price that an item names; undefined: none. Throws 400 when there are several. */
export function toPriceSource(params: PricedParams, under: string): PriceSource | undefined {
  const named = paramUnder(under);
  const { price, plan, price_data: data } = params;
  if ([price, plan, data].filter((given) => given !== undefined).length > 1) {
    throw refused(
      "parameters_exclusive",
      "You may only specify one of these parameters: price, price_data, plan.",
      named("price"),
    );
  }
  if (data !== undefined) {
    return {
      param: named("price_data"),
      data: {
        currency: data.currency,
        product: data.product,
        unitAmount: readUnitAmount(data, named("price_data")),
        recurrence: {
          unit: data.recurring.interval,
          count: data.recurring.interval_count ?? 1,
        },
      },
    };
  }
  const id = price ?? plan;
  return id === undefined
    ? undefined
    : { id, param: named(price === undefined ? "plan" : "price") };
}

const inUnits = (quantity: number | undefined): bigint | undefined =>
  quantity === undefined ? undefined : BigInt(quantity);

const toOneOffItems = (
  items: ParamsOf<typeof subscriptionCreation>["add_invoice_items"],
): NewItem[] =>
  (items ?? []).map(({ price, price_data: data, quantity, discounts, tax_rates }, n) => {
    const prefix = `add_invoice_items[${n}]`;
    const item = toNewItem(
      {
        ...(price === undefined ? {} : { pricing: { price } }),
        ...(data === undefined ? {} : { price_data: data }),
        ...(quantity === undefined ? {} : { quantity }),
        ...(discounts === undefined ? {} : { discounts }),
        ...(tax_rates === undefined ? {} : { tax_rates }),
      },
      prefix,
    );
    const paramOf: NewItem["paramOf"] = (first, ...rest) =>
      first === "pricing" ? `${prefix}[price]` : item.paramOf(first, ...rest);
    return { ...item, paramOf };
  });

type Creation = ParamsOf<typeof subscriptionCreation>;

/** When the trial that a request asks for ends; undefined: there is none. Throws 400. */
function trialEndOf(scope: Scope, params: Creation, prices: readonly PriceRow[]) {
  const { trial_end: end, trial_period_days: days, trial_from_plan: fromPlan } = params;
  if (end !== undefined && days !== undefined) {
    throw refused(
      "parameters_exclusive",
      "You may only specify one of these parameters: trial_end, trial_period_days.",
      "trial_end",
    );
  }
  if (end === "now") return undefined;
  if (end !== undefined) {
    assertFuture(scope, end, "trial_end");
    assertTrialLength(scope, end);
    return end;
  }
  const planDays = fromPlan === true ? prices[0]?.recurring_trial_period_days : undefined;
  const length = days ?? planDays ?? 0;
  if (length === 0) return undefined;
  return instantText(instant(scope.nowAt).add({ hours: length * 24 }));
}

function assertTrialLength(scope: Scope, end: string): void {
  const limit = instant(scope.nowAt).add({ hours: MAX_TRIAL_DAYS * 24 });
  if (instant(end).epochMilliseconds <= limit.epochMilliseconds) return;
  throw refused("invalid_argument", "A trial can last two years at most.", "trial_end");
}

function anchorOf(scope: Scope, params: Creation, unit: string): string | undefined {
  const { billing_cycle_anchor: anchor, billing_cycle_anchor_config: config } = params;
  if (anchor !== undefined && config !== undefined) {
    throw refused(
      "parameters_exclusive",
      "You may only specify one of these parameters: billing_cycle_anchor, billing_cycle_anchor_config.",
      "billing_cycle_anchor_config",
    );
  }
  if (anchor !== undefined) {
    assertFuture(scope, anchor, "billing_cycle_anchor");
    return anchor;
  }
  if (config === undefined) return undefined;
  if (unit === "day" || unit === "week" || (config.month !== undefined && unit !== "year")) {
    throw refused(
      "invalid_argument",
      "A day of the month needs a price by months or years, and a month one by years.",
      "billing_cycle_anchor_config",
    );
  }
  const { day_of_month: dayOfMonth, ...rest } = config;
  return instantText(anchorFromConfig({ dayOfMonth, ...rest }, instant(scope.nowAt)));
}

/** A subscription to create. */
export const toSubscriptionRequest = (scope: Scope, params: Creation): SubscriptionRequest => ({
  customer: params.customer,
  items: params.items.map((item, n) => {
    const price = toPriceSource(item, `items[${n}]`);
    if (price === undefined) {
      const param = `items[${n}][price]`;
      throw refused("parameter_missing", `Missing required param: ${param}.`, param);
    }
    const metadata = mergeMetadata({}, item.metadata);
    const terms = toItemTerms(item, paramUnder(`items[${n}]`));
    return { price, quantity: inUnits(item.quantity) ?? 1n, metadata, ...terms };
  }),
  currency: params.currency,
  collectionMethod: params.collection_method ?? "charge_automatically",
  daysUntilDue: params.days_until_due,
  defaultPaymentMethod: params.default_payment_method ?? undefined,
  description: params.description ?? undefined,
  metadata: mergeMetadata({}, params.metadata),
  discounts: toDiscountRequests(params.discounts) ?? [],
  defaultTaxRates: params.default_tax_rates ?? [],
  trialEndAt: (prices) => trialEndOf(scope, params, prices),
  trialEndBehavior: params.trial_settings?.end_behavior.missing_payment_method ?? "create_invoice",
  anchorAt: ({ unit }) => anchorOf(scope, params, unit),
  prorates: params.proration_behavior !== "none",
  paymentBehavior: params.payment_behavior ?? "allow_incomplete",
  cancelAtPeriodEnd: params.cancel_at_period_end ?? false,
  cancelAt: futureEnd(scope, params.cancel_at),
  billingMode:
    params.billing_mode?.type ??
    (isBeforeGate(scope.apiVersion, "flexibleBilling") ? "classic" : "flexible"),
  addInvoiceItems: toOneOffItems(params.add_invoice_items),
});

function futureEnd(scope: Scope, at: string | null | undefined): string | undefined {
  if (at == null) return undefined;
  assertFuture(scope, at, "cancel_at");
  return at;
}

type Changes = ParamsOf<typeof subscriptionChanges>;

const toItemEdits = (items: Changes["items"]): ItemEdit[] =>
  (items ?? []).map((item, n) => ({
    id: item.id,
    price: toPriceSource(item, `items[${n}]`),
    quantity: inUnits(item.quantity),
    deleted: item.deleted ?? false,
    metadata: item.metadata,
    ...toItemTerms(item, paramUnder(`items[${n}]`)),
  }));

/** A pause of collection; undefined leaves it, null ends it. Throws 400 for one that is over. */
function toPause(scope: Scope, pause: Changes["pause_collection"]): SubscriptionUpdate["pause"] {
  if (pause == null) return pause;
  const { behavior, resumes_at: resumesAt } = pause;
  if (resumesAt !== undefined) assertFuture(scope, resumesAt, "pause_collection[resumes_at]");
  return { behavior, resumesAt: resumesAt ?? null };
}

/** What an update of a subscription says. */
export function toSubscriptionUpdate(scope: Scope, params: Changes): SubscriptionUpdate {
  const { trial_end: trialEnd } = params;
  if (trialEnd !== undefined && trialEnd !== "now") {
    assertFuture(scope, trialEnd, "trial_end");
    assertTrialLength(scope, trialEnd);
  }
  return {
    items: toItemEdits(params.items),
    prorationBehavior: params.proration_behavior ?? "create_prorations",
    prorationAt: params.proration_date,
    anchor: params.billing_cycle_anchor,
    trialEnd: trialEnd === "now" ? scope.nowAt : trialEnd,
    trialEndBehavior: params.trial_settings?.end_behavior.missing_payment_method,
    cancelAtPeriodEnd: params.cancel_at_period_end,
    cancelAt: params.cancel_at,
    collectionMethod: params.collection_method,
    daysUntilDue: params.days_until_due,
    defaultPaymentMethod: params.default_payment_method,
    description: params.description,
    metadata: params.metadata,
    discounts: toDiscountRequests(params.discounts),
    defaultTaxRates: params.default_tax_rates,
    pause: toPause(scope, params.pause_collection),
    comment: params.cancellation_details?.comment,
    feedback: params.cancellation_details?.feedback,
    paymentBehavior: params.payment_behavior ?? "allow_incomplete",
    addInvoiceItems: toOneOffItems(params.add_invoice_items),
  };
}
