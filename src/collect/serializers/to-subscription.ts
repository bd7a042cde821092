import type Stripe from "stripe";
import type { PriceRow } from "../store/prices.ts";
import type { SubscriptionItemRow } from "../store/subscription-items.ts";
import type { SubscriptionRow } from "../store/subscriptions.ts";
import type { TaxRateRow } from "../store/tax-rates.ts";
import { toUnix, toUnixOrNull, toWireAmount, type Wire } from "../wire.ts";
import { toPlan } from "./to-plan.ts";
import { toPrice } from "./to-price.ts";
import { toTaxRates } from "./to-tax-rate.ts";

/** Items shown inside of a subscription; it has at most as many. */
export const MAX_ITEMS = 20;

export interface PricedItem {
  readonly row: SubscriptionItemRow;
  readonly price: PriceRow;
}

/** At least those that are named in what is rendered. */
export type TaxRatesById = ReadonlyMap<string, TaxRateRow>;

/** An item as Stripe's API shows it; all items of a subscription have its periods. */
export const toSubscriptionItem = (
  { row, price }: PricedItem,
  subscription: SubscriptionRow,
  taxRates: TaxRatesById,
) =>
  ({
    id: row.id,
    object: "subscription_item",
    billing_thresholds: null,
    created: toUnix(row.created_at),
    current_period_end: toUnix(subscription.current_period_end_at),
    current_period_start: toUnix(subscription.current_period_start_at),
    current_trial: null,
    discounts: [...row.discounts],
    metadata: { ...row.metadata },
    plan: toPlan(price),
    price: toPrice(price),
    quantity: toWireAmount(row.quantity),
    subscription: row.subscription,
    tax_rates: toTaxRates(row.tax_rates, taxRates),
  }) satisfies Wire<Stripe.SubscriptionItem>;

/** A subscription as Stripe's API shows it. */
export function toSubscription(
  row: SubscriptionRow,
  items: readonly PricedItem[],
  taxRates: TaxRatesById,
) {
  return {
    id: row.id,
    object: "subscription",
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: toUnix(row.billing_cycle_anchor_at),
    billing_cycle_anchor_config: null,
    billing_mode:
      row.billing_mode === "classic"
        ? { flexible: null, type: "classic" as const }
        : { flexible: { proration_discounts: "included" as const }, type: "flexible" as const },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: toUnixOrNull(row.cancel_at_period_end ? row.current_period_end_at : row.cancel_at),
    cancel_at_period_end: row.cancel_at_period_end,
    canceled_at: toUnixOrNull(row.canceled_at),
    cancellation_details: { ...row.cancellation, feedback_option: null },
    collection_method: row.collection_method,
    created: toUnix(row.created_at),
    currency: row.currency,
    customer: row.customer,
    customer_account: null,
    days_until_due: row.days_until_due,
    default_payment_method: row.default_payment_method,
    default_source: null,
    default_tax_rates: toTaxRates(row.default_tax_rates, taxRates),
    description: row.description,
    discounts: [...row.discounts],
    ended_at: toUnixOrNull(row.ended_at),
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: "self" },
    },
    items: {
      object: "list",
      data: items.map((item) => toSubscriptionItem(item, row, taxRates)),
      has_more: false,
      total_count: items.length,
      url: `/v1/subscription_items?subscription=${row.id}`,
    },
    latest_invoice: row.latest_invoice,
    livemode: row.livemode,
    managed_payments: null,
    metadata: { ...row.metadata },
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection:
      row.pause_behavior === null
        ? null
        : { behavior: row.pause_behavior, resumes_at: toUnixOrNull(row.pause_resumes_at) },
    payment_settings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: "off",
    },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: toUnix(row.started_at),
    status: row.status,
    test_clock: row.test_clock,
    transfer_data: null,
    trial_end: toUnixOrNull(row.trial_end_at),
    trial_settings: {
      end_behavior: {
        billing_cycle_anchor: null,
        missing_payment_method: row.trial_end_behavior,
      },
    },
    trial_start: toUnixOrNull(row.trial_start_at),
  } satisfies Wire<Stripe.Subscription> & { items: { total_count: number } };
}

export type WireSubscription = ReturnType<typeof toSubscription>;
