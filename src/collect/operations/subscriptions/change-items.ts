import { mergeMetadata } from "../../domain/metadata.ts";
import type { ItemChange } from "../../domain/subscriptions/plan-items.ts";
import { missing, refused } from "../../errors.ts";
import { newId } from "../../ids.ts";
import type { Scope } from "../../scope.ts";
import { MAX_ITEMS } from "../../serializers/to-subscription.ts";
import type { PriceRow } from "../../store/prices.ts";
import {
  deleteSubscriptionItems,
  insertSubscriptionItems,
  updateSubscriptionItem,
} from "../../store/subscription-items.ts";
import type { SubscriptionRow } from "../../store/subscriptions.ts";
import type { ItemTermsRequest } from "../totals/resolve-item-terms.ts";
import { resolveSubscriptionItemTerms } from "./item-terms.ts";
import type { LoadedItem } from "./load-items.ts";
import { assertOneRhythm, obtainPrice, type PriceSource } from "./obtain-prices.ts";

/** What a request says of one item: of an existing one with `id`, of a new one without. */
export interface ItemEdit extends ItemTermsRequest {
  readonly id?: string | undefined;
  readonly price?: PriceSource | undefined;
  readonly quantity?: bigint | undefined;
  readonly deleted: boolean;
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
}

interface Billed {
  readonly price: string;
  readonly quantity: bigint;
}

/** One planned change; what does not change is not planned. */
export interface PlannedItem extends ItemChange<Billed, Billed> {
  readonly itemId: string;
  /** The item as it was, when there was one. */
  readonly old: readonly LoadedItem[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly terms: ItemTermsRequest;
}

/** Works out what edits make of a subscription's items. Throws 400 or 404 before anything changes. */
export async function planItemChanges(
  scope: Scope,
  { currency }: SubscriptionRow,
  old: readonly LoadedItem[],
  edits: readonly ItemEdit[],
): Promise<PlannedItem[]> {
  const planned: PlannedItem[] = [];
  const prices = new Map(old.map(({ row, price }) => [row.id, price]));
  for (const edit of edits) {
    const item = findItem(old, edit);
    if (planned.some(({ itemId }) => itemId === item?.row.id)) {
      throw refused("invalid_argument", "An item is named twice.", edit.paramOf("id"));
    }
    const change = await planOne(scope, item, edit);
    planned.push(change.planned);
    if (change.price === undefined) prices.delete(change.planned.itemId);
    else prices.set(change.planned.itemId, change.price);
  }
  if (prices.size > MAX_ITEMS) {
    throw refused("invalid_argument", `A subscription has at most ${MAX_ITEMS} items.`, "items");
  }
  assertOneRhythm([...prices.values()]);
  for (const price of prices.values()) {
    if (price.currency === currency) continue;
    throw refused("invalid_argument", `The subscription's currency is ${currency}.`, "items");
  }
  return planned;
}

function findItem(old: readonly LoadedItem[], { id, paramOf }: ItemEdit): LoadedItem | undefined {
  if (id === undefined) return undefined;
  const item = old.find(({ row }) => row.id === id);
  if (item === undefined) throw missing("subscription_item", id, paramOf("id"));
  return item;
}

async function planOne(
  scope: Scope,
  item: LoadedItem | undefined,
  edit: ItemEdit,
): Promise<{ planned: PlannedItem; price: PriceRow | undefined }> {
  const before = item && { price: item.price.id, quantity: item.row.quantity };
  const old = item === undefined ? [] : [item];
  const itemId = item?.row.id ?? newId("si");
  const metadata = mergeMetadata(item?.row.metadata ?? {}, edit.metadata);
  const { discounts, taxRates, paramOf } = edit;
  const terms: ItemTermsRequest = { discounts, taxRates, paramOf };
  if (edit.deleted) {
    if (item === undefined) {
      throw refused("parameter_missing", "Name the item that goes.", edit.paramOf("id"));
    }
    return {
      planned: { itemId, before, after: undefined, old, metadata, terms },
      price: undefined,
    };
  }
  const price = edit.price === undefined ? item?.price : await obtainPrice(scope, edit.price);
  if (price === undefined) {
    throw refused("parameter_missing", "A new item needs a price.", edit.paramOf("price"));
  }
  const quantity = edit.quantity ?? item?.row.quantity ?? 1n;
  const after = { price: price.id, quantity };
  return { planned: { itemId, before, after, old, metadata, terms }, price };
}

/** Carries planned changes out. */
export async function applyItemChanges(
  scope: Scope,
  { id: subscription, customer, currency }: SubscriptionRow,
  planned: readonly PlannedItem[],
): Promise<void> {
  for (const { itemId, before, after, metadata, terms } of planned) {
    if (after === undefined) await deleteSubscriptionItems(scope, [itemId]);
    else {
      const holder = { customer, subscription, itemId, currency };
      const more = await resolveSubscriptionItemTerms(scope, terms, holder);
      const item = { ...after, ...more, metadata: JSON.stringify(metadata) };
      if (before !== undefined) await updateSubscriptionItem(scope, itemId, item);
      else await insertSubscriptionItems(scope, [{ ...item, id: itemId, subscription }]);
    }
  }
}
