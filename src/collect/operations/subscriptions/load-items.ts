import { dec } from "../../../domain/decimal.ts";
import { assert } from "../../../errors.ts";
import type { Recurrence } from "../../domain/subscriptions/recurrence.ts";
import type { Scope } from "../../scope.ts";
import type { PricedItem } from "../../serializers/to-subscription.ts";
import { listPricesById, type PriceRow } from "../../store/prices.ts";
import { listProductsById } from "../../store/products.ts";
import {
  listItemsOfSubscriptions,
  type SubscriptionItemRow,
} from "../../store/subscription-items.ts";

/** An item with all that billing it needs. */
export interface LoadedItem extends PricedItem {
  readonly productName: string;
}

/** The items of these subscriptions with their prices, oldest first: three queries for all of them. */
export async function loadItems(
  scope: Scope,
  subscriptions: readonly string[],
): Promise<ReadonlyMap<string, readonly LoadedItem[]>> {
  const items = await listItemsOfSubscriptions(scope, subscriptions);
  const loaded = await withPrices(scope, [...items.values()].flat());
  return Map.groupBy(loaded, ({ row }) => row.subscription);
}

/** The items of one subscription. */
export async function loadItemsOf(scope: Scope, subscription: string): Promise<LoadedItem[]> {
  return [...((await loadItems(scope, [subscription])).get(subscription) ?? [])];
}

/** Items with the prices and products that they name. */
export async function withPrices(
  scope: Scope,
  rows: readonly SubscriptionItemRow[],
): Promise<LoadedItem[]> {
  const prices = await listPricesById(
    scope,
    rows.map((row) => row.price),
  );
  const products = await listProductsById(
    scope,
    [...prices.values()].map((price) => price.product),
  );
  return rows.map((row) => {
    const price = prices.get(row.price);
    assert(price !== undefined, `item ${row.id} has a price`);
    return { row, price, productName: products.get(price.product)?.name ?? price.product };
  });
}

/** How often a recurring price bills. */
export function recurrenceOf(price: PriceRow): Recurrence {
  assert(price.recurring_interval !== null, `price ${price.id} is recurring`);
  return { unit: price.recurring_interval, count: price.recurring_interval_count ?? 1 };
}

/** The one recurrence of all items of a subscription. */
export function commonRecurrence(items: readonly LoadedItem[]): Recurrence {
  const [first] = items;
  assert(first !== undefined, "a subscription has an item");
  return recurrenceOf(first.price);
}

export const unitAmountOf = ({ price }: LoadedItem) => dec(price.unit_amount);
