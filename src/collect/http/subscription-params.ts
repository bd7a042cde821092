import { MAX_ITEMS } from "../serializers/to-subscription.ts";
import { MAX_DAYS_UNTIL_DUE } from "./invoice-params.ts";
import {
  amount,
  choice,
  currency,
  decimal,
  flag,
  hash,
  integer,
  listOf,
  metadata,
  objectId,
  optional,
  text,
  timestamp,
  timestampOrNow,
  typedChoice,
  unsettable,
} from "./params.ts";
import { discountsParam, taxRatesParam } from "./totals-params.ts";

const MAX_QUANTITY = 999_999_999_999;
/** Two years (Stripe docs: Trials). */
export const MAX_TRIAL_DAYS = 730;

const unitPrice = {
  currency: currency(),
  product: objectId(),
  tax_behavior: optional(choice("unspecified")),
  unit_amount: optional(amount({ minimum: 0 })),
  unit_amount_decimal: optional(decimal()),
};

/** How an item of a subscription is priced, wherever one is named. */
export const pricedItem = {
  metadata: optional(metadata()),
  plan: optional(objectId()),
  price: optional(objectId()),
  price_data: optional(
    hash({
      ...unitPrice,
      recurring: hash({
        interval: choice("day", "week", "month", "year"),
        interval_count: optional(integer(1, 1095)),
      }),
    }),
  ),
  quantity: optional(integer(0, MAX_QUANTITY)),
  discounts: discountsParam(),
  tax_rates: taxRatesParam(),
};

const oneOffItems = optional(
  listOf(
    hash({
      discounts: discountsParam(),
      price: optional(objectId()),
      price_data: optional(hash(unitPrice)),
      quantity: optional(integer(0, MAX_QUANTITY)),
      tax_rates: taxRatesParam(),
    }),
    MAX_ITEMS,
  ),
);

const FEEDBACK = [
  "customer_service",
  "low_quality",
  "missing_features",
  "other",
  "switched_service",
  "too_complex",
  "too_expensive",
  "unused",
] as const;

export const cancellationDetails = optional(
  hash({ comment: optional(text()), feedback: optional(choice(...FEEDBACK)) }),
);

const shared = {
  add_invoice_items: oneOffItems,
  cancel_at: optional(unsettable(timestamp())),
  cancel_at_period_end: optional(flag()),
  collection_method: optional(choice("charge_automatically", "send_invoice")),
  days_until_due: optional(integer(0, MAX_DAYS_UNTIL_DUE)),
  default_payment_method: optional(unsettable(objectId())),
  default_tax_rates: taxRatesParam(),
  description: optional(unsettable(text(500))),
  discounts: discountsParam(),
  metadata: optional(metadata()),
  // Nobody is there to confirm a payment: "false" would promise that somebody is.
  off_session: optional(choice("true")),
  payment_behavior: optional(
    choice("allow_incomplete", "default_incomplete", "error_if_incomplete"),
  ),
  proration_behavior: optional(choice("always_invoice", "create_prorations", "none")),
  trial_end: optional(timestampOrNow()),
  trial_settings: optional(
    hash({
      end_behavior: hash({
        missing_payment_method: choice("cancel", "create_invoice", "pause"),
      }),
    }),
  ),
};

/** Parameters of `POST /v1/subscriptions`. */
export const subscriptionCreation = {
  ...shared,
  billing_cycle_anchor: optional(timestamp()),
  billing_cycle_anchor_config: optional(
    hash({
      day_of_month: integer(1, 31),
      hour: optional(integer(0, 23)),
      minute: optional(integer(0, 59)),
      month: optional(integer(1, 12)),
      second: optional(integer(0, 59)),
    }),
  ),
  billing_mode: optional(hash({ type: choice("classic", "flexible") })),
  currency: optional(currency()),
  customer: objectId(),
  items: listOf(hash(pricedItem), MAX_ITEMS),
  trial_from_plan: optional(flag()),
  trial_period_days: optional(integer(0, MAX_TRIAL_DAYS)),
};

/** Parameters of `POST /v1/subscriptions/:id`. */
export const subscriptionChanges = {
  ...shared,
  pause_collection: optional(
    unsettable(
      hash({
        behavior: choice("keep_as_draft", "mark_uncollectible", "void"),
        resumes_at: optional(timestamp()),
      }),
    ),
  ),
  billing_cycle_anchor: optional(typedChoice("now", "unchanged")),
  cancellation_details: cancellationDetails,
  items: optional(
    listOf(hash({ ...pricedItem, id: optional(objectId()), deleted: optional(flag()) }), MAX_ITEMS),
  ),
  proration_date: optional(timestamp()),
};
