import { assert } from "../../../errors.ts";
import type { ItemEdit } from "../../operations/subscriptions/change-items.ts";
import {
  changeSubscription,
  type SubscriptionUpdate,
} from "../../operations/subscriptions/change-subscription.ts";
import { withPrices } from "../../operations/subscriptions/load-items.ts";
import type { Scope } from "../../scope.ts";
import { toDeleted } from "../../serializers/to-deleted.ts";
import { toSubscriptionItem } from "../../serializers/to-subscription.ts";
import {
  getSubscriptionItem,
  listSubscriptionItems,
  listSubscriptionItemsByIds,
  pageSubscriptionItems,
  type SubscriptionItemRow,
} from "../../store/subscription-items.ts";
import { getSubscription, listSubscriptionsByIds } from "../../store/subscriptions.ts";
import { listTaxRatesById } from "../../store/tax-rates.ts";
import { endpoint } from "../endpoint.ts";
import { paramUnder } from "../item-params.ts";
import { toList, toPageQuery } from "../list.ts";
import { choice, objectId, optional, type ParamsOf, paging, timestamp } from "../params.ts";
import type { Resource } from "../resource.ts";
import { pricedItem } from "../subscription-params.ts";
import { toPriceSource } from "../subscription-requests.ts";
import { toItemTerms } from "../totals-params.ts";

/** Renders items, of whatever subscriptions, in the order given. */
async function renderItems(scope: Scope, rows: readonly SubscriptionItemRow[]) {
  const ids = [...new Set(rows.map((row) => row.subscription))];
  const owners = new Map((await listSubscriptionsByIds(scope, ids)).map((row) => [row.id, row]));
  const rates = await listTaxRatesById(
    scope,
    rows.flatMap((row) => row.tax_rates),
  );
  return (await withPrices(scope, rows)).map((item) => {
    const owner = owners.get(item.row.subscription);
    assert(owner !== undefined, `item ${item.row.id} has a subscription`);
    return toSubscriptionItem(item, owner, rates);
  });
}

async function renderItem(scope: Scope, row: SubscriptionItemRow) {
  const [item] = await renderItems(scope, [row]);
  assert(item !== undefined, `item ${row.id} renders`);
  return item;
}

export const subscriptionItemResource: Resource = {
  object: "subscription_item",
  parts: { price: "price", tax_rates: "tax_rate" },
  references: { discounts: "discount" },
  async load(scope, ids) {
    const items = await renderItems(scope, await listSubscriptionItemsByIds(scope, ids));
    return new Map(items.map((item) => [item.id, item]));
  },
};

/** How a change of an item is billed. */
const billing = {
  payment_behavior: optional(
    choice("allow_incomplete", "default_incomplete", "error_if_incomplete"),
  ),
  proration_behavior: optional(choice("always_invoice", "create_prorations", "none")),
  proration_date: optional(timestamp()),
};

const toUpdate = (edit: ItemEdit, params: ParamsOf<typeof billing>): SubscriptionUpdate => ({
  items: [edit],
  prorationBehavior: params.proration_behavior ?? "create_prorations",
  prorationAt: params.proration_date,
  paymentBehavior: params.payment_behavior ?? "allow_incomplete",
  addInvoiceItems: [],
});

/** What the parameters of an item's own endpoint say of it. */
const toEdit = (params: ParamsOf<typeof pricedItem>, id?: string): ItemEdit => ({
  id,
  price: toPriceSource(params, ""),
  quantity: params.quantity === undefined ? undefined : BigInt(params.quantity),
  deleted: false,
  metadata: params.metadata,
  ...toItemTerms(params, paramUnder()),
});

export const subscriptionItemEndpoints = [
  endpoint({
    method: "POST",
    path: "/v1/subscription_items",
    params: { ...billing, ...pricedItem, subscription: objectId() },
    returns: "subscription_item",
    handler: async ({ scope, params }) => {
      const { subscription } = params;
      await getSubscription(scope, subscription, "subscription");
      const known = new Set((await listSubscriptionItems(scope, subscription)).map(({ id }) => id));
      await changeSubscription(scope, subscription, toUpdate(toEdit(params), params));
      const added = (await listSubscriptionItems(scope, subscription)).find(
        ({ id }) => !known.has(id),
      );
      assert(added !== undefined, `subscription ${subscription} has a new item`);
      return renderItem(scope, added);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/subscription_items",
    params: { ...paging, subscription: objectId() },
    returns: { listOf: "subscription_item" },
    handler: async ({ scope, params }) => {
      const { id } = await getSubscription(scope, params.subscription, "subscription");
      const { rows, hasMore } = await pageSubscriptionItems(scope, toPageQuery(params), id);
      const items = await renderItems(scope, rows);
      return toList("/v1/subscription_items", { rows: items, hasMore }, (item) => item);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/subscription_items/:item",
    params: {},
    returns: "subscription_item",
    handler: async ({ scope, path }) =>
      renderItem(scope, await getSubscriptionItem(scope, path.item)),
  }),
  endpoint({
    method: "POST",
    path: "/v1/subscription_items/:item",
    params: { ...billing, ...pricedItem },
    returns: "subscription_item",
    handler: async ({ scope, path, params }) => {
      const { subscription } = await getSubscriptionItem(scope, path.item);
      await changeSubscription(scope, subscription, toUpdate(toEdit(params, path.item), params));
      return renderItem(scope, await getSubscriptionItem(scope, path.item));
    },
  }),
  endpoint({
    method: "DELETE",
    path: "/v1/subscription_items/:item",
    params: billing,
    returns: "subscription_item",
    handler: async ({ scope, path, params }) => {
      const { subscription } = await getSubscriptionItem(scope, path.item);
      const edit = { ...toEdit({}, path.item), deleted: true };
      await changeSubscription(scope, subscription, toUpdate(edit, params));
      return toDeleted(path.item, "subscription_item");
    },
  }),
];
