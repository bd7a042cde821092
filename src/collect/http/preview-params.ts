import { refused } from "../errors.ts";
import type { PreviewRequest } from "../operations/preview-invoice.ts";
import type { Scope } from "../scope.ts";
import { MAX_ITEMS } from "../serializers/to-subscription.ts";
import { itemParams, toNewItem } from "./item-params.ts";
import {
  choice,
  currency,
  flag,
  hash,
  listOf,
  objectId,
  optional,
  type ParamsOf,
  timestamp,
  timestampOrNow,
  typedChoice,
  unsettable,
} from "./params.ts";
import { pricedItem } from "./subscription-params.ts";
import { toSubscriptionRequest, toSubscriptionUpdate } from "./subscription-requests.ts";
import { discountsParam, taxRatesParam, toDiscountRequests } from "./totals-params.ts";

const MAX_PREVIEWED_ITEMS = 250;

const subscriptionDetails = {
  billing_cycle_anchor: optional(typedChoice("now", "unchanged")),
  billing_mode: optional(hash({ type: choice("classic", "flexible") })),
  cancel_at: optional(unsettable(timestamp())),
  cancel_at_period_end: optional(flag()),
  default_tax_rates: taxRatesParam(),
  items: optional(
    listOf(hash({ ...pricedItem, id: optional(objectId()), deleted: optional(flag()) }), MAX_ITEMS),
  ),
  proration_behavior: optional(choice("always_invoice", "create_prorations", "none")),
  proration_date: optional(timestamp()),
  trial_end: optional(timestampOrNow()),
};

/** Parameters of `POST /v1/invoices/create_preview`. */
export const previewParams = {
  currency: optional(currency()),
  customer: optional(objectId()),
  discounts: discountsParam(),
  invoice_items: optional(
    listOf(hash({ ...itemParams, currency: optional(currency()) }), MAX_PREVIEWED_ITEMS),
  ),
  preview_mode: optional(choice("next")),
  subscription: optional(objectId()),
  subscription_details: optional(hash(subscriptionDetails)),
};

type Params = ParamsOf<typeof previewParams>;
type Details = ParamsOf<typeof subscriptionDetails>;

/** A subscription that does not exist yet: what only an existing one has is refused. */
function toCreation(
  scope: Scope,
  customer: string,
  details: Details,
  code: string | undefined,
): PreviewRequest["creation"] {
  const { billing_cycle_anchor: anchor, proration_date: date, items = [], ...terms } = details;
  const stray =
    anchor !== undefined
      ? "billing_cycle_anchor"
      : date !== undefined
        ? "proration_date"
        : undefined;
  if (stray !== undefined) {
    throw refused(
      "invalid_argument",
      `${stray} is about a subscription that exists: name it as \`subscription\`.`,
      `subscription_details[${stray}]`,
    );
  }
  return toSubscriptionRequest(scope, {
    ...terms,
    customer,
    ...(code === undefined ? {} : { currency: code }),
    items: items.map(({ id, deleted, ...item }, n) => {
      if (id === undefined && deleted !== true) return item;
      throw refused(
        "invalid_argument",
        "A new subscription's items have no id and cannot be deleted.",
        `subscription_details[items][${n}][id]`,
      );
    }),
  });
}

/** What is to be seen ahead. Throws 400 when nothing is named, or what contradicts itself. */
export function toPreviewRequest(scope: Scope, params: Params): PreviewRequest {
  const { customer, subscription, subscription_details: details } = params;
  if (subscription === undefined && customer === undefined) {
    throw refused(
      "parameter_missing",
      "You must provide a customer or a subscription to preview an invoice.",
      "customer",
    );
  }
  const items = (params.invoice_items ?? []).map((item, n) => ({
    ...toNewItem(item, `invoice_items[${n}]`),
    currency: item.currency ?? params.currency,
  }));
  const discounts =
    params.discounts === null ? [] : (toDiscountRequests(params.discounts) ?? undefined);
  const base = { customer, currency: params.currency, subscription, items, discounts };
  if (details === undefined) return base;
  if (subscription !== undefined) {
    const { billing_mode: mode, ...terms } = details;
    if (mode !== undefined) {
      throw refused(
        "invalid_argument",
        "An existing subscription changes its billing mode by `migrate`.",
        "subscription_details[billing_mode]",
      );
    }
    return { ...base, update: toSubscriptionUpdate(scope, terms) };
  }
  return { ...base, creation: toCreation(scope, customer ?? "", details, params.currency) };
}
