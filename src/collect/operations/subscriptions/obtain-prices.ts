import { toCurrency } from "../../domain/currencies.ts";
import { type Recurrence, sameRecurrence } from "../../domain/subscriptions/recurrence.ts";
import { refused } from "../../errors.ts";
import { newId } from "../../ids.ts";
import type { Scope } from "../../scope.ts";
import { getPrice, insertPrice, type PriceRow } from "../../store/prices.ts";
import { getProduct } from "../../store/products.ts";
import { assertIntervals } from "../save-price.ts";
import { recurrenceOf } from "./load-items.ts";

/** A recurring price that exists, or one that is described in place. */
export type PriceSource =
  | { readonly id: string; readonly param: string }
  | { readonly data: InlineRecurringPrice; readonly param: string };

export interface InlineRecurringPrice {
  readonly currency: string;
  readonly product: string;
  /** Minor units, at most 12 decimals. */
  readonly unitAmount: string;
  readonly recurrence: Recurrence;
}

/** The price of a subscription's item. Throws 400 when it cannot be subscribed to. */
export async function obtainPrice(scope: Scope, source: PriceSource): Promise<PriceRow> {
  if ("data" in source) return insertInline(scope, source.data, source.param);
  const price = await getPrice(scope, source.id, source.param);
  if (price.recurring_interval === null) {
    throw refused(
      "invalid_argument",
      "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.",
      source.param,
    );
  }
  if (!price.active) {
    throw refused(
      "invalid_argument",
      "The price specified is inactive. This field only accepts active prices.",
      source.param,
    );
  }
  return price;
}

async function insertInline(
  scope: Scope,
  { currency, product, unitAmount, recurrence }: InlineRecurringPrice,
  param: string,
): Promise<PriceRow> {
  assertIntervals(recurrence, `${param}[recurring][interval_count]`);
  await getProduct(scope, product, `${param}[product]`);
  return insertPrice(scope, {
    id: newId("price"),
    active: false,
    currency: toCurrency(currency, `${param}[currency]`),
    product,
    unit_amount: unitAmount,
    nickname: null,
    lookup_key: null,
    metadata: "{}",
    tax_behavior: "unspecified",
    recurring_interval: recurrence.unit,
    recurring_interval_count: recurrence.count,
    recurring_trial_period_days: null,
    transform_quantity: "null",
  });
}

/**
 * Throws 400 unless all prices of a subscription bill in one currency and at the same times, and each
 * of them once (Stripe docs: Subscriptions with multiple products).
 */
export function assertOneRhythm(prices: readonly PriceRow[]): void {
  const [first] = prices;
  if (first === undefined) {
    throw refused("parameter_missing", "A subscription needs at least one item.", "items");
  }
  for (const price of prices) {
    if (!sameRecurrence(recurrenceOf(price), recurrenceOf(first))) {
      throw refused(
        "invalid_argument",
        "All prices on a subscription must have the same `recurring.interval` and `recurring.interval_count`.",
        "items",
      );
    }
    if (price.currency !== first.currency) {
      throw refused(
        "invalid_argument",
        "All prices on a subscription must have the same currency.",
        "items",
      );
    }
  }
  if (new Set(prices.map(({ id }) => id)).size !== prices.length) {
    throw refused(
      "invalid_argument",
      "A subscription cannot have several items with the same price; raise the quantity of one.",
      "items",
    );
  }
}
