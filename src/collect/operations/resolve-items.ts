import { toText } from "../../domain/decimal.ts";
import { mergeTerms, priceItem } from "../domain/price-item.ts";
import { refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { insertInlinePrices } from "../store/prices.ts";
import { insertInlineProducts } from "../store/products.ts";
import { type ItemPricing, type ItemSource, loadCatalog, sourceOf } from "./item-source.ts";

/** The columns of an item that its pricing decides. */
export interface ResolvedItem {
  readonly currency: string;
  readonly amount_minor: bigint;
  readonly unit_amount: string | null;
  readonly quantity: string;
  readonly price: string | null;
  readonly product: string | null;
  /** The product's name, where the request gave no description. */
  readonly productName: string | null;
}

function resolveOne(item: ItemPricing, source: ItemSource, fallback: string): ResolvedItem {
  const wanted = item.currency ?? item.current?.currency;
  const currency = source.currency ?? wanted ?? fallback;
  if (wanted !== undefined && wanted !== currency) {
    throw refused(
      "invalid_argument",
      `The price's currency ${currency} does not match the currency ${wanted}.`,
      item.paramOf("currency"),
    );
  }
  const terms = { amount: item.amount, unitAmount: source.unitAmount, quantity: item.quantity };
  const priced = priceItem(
    item.current === undefined ? terms : mergeTerms(item.current, terms),
    currency,
    item.paramOf,
  );
  return {
    currency,
    amount_minor: priced.amountMinor,
    unit_amount: priced.unitAmount === null ? null : toText(priced.unitAmount),
    quantity: toText(priced.quantity),
    price: source.price,
    product: source.product,
    productName: source.productName,
  };
}

/**
 * Prices items: looks up what they name, adds the prices and products that they describe in place,
 * and computes their amounts. `fallback` is the currency of an item that names none. Throws 400 at
 * the first item that cannot be priced.
 */
export async function resolveItems(
  scope: Scope,
  items: readonly ItemPricing[],
  fallback: string,
): Promise<ResolvedItem[]> {
  const catalog = await loadCatalog(scope, items);
  const sources = items.map((item) => ({ item, source: sourceOf(item, catalog) }));
  const resolved = sources.map(({ item, source }) => resolveOne(item, source, fallback));
  await insertInlineProducts(
    scope,
    sources.flatMap(({ source }) => source.newProduct ?? []),
  );
  await insertInlinePrices(
    scope,
    sources.flatMap(({ source }) => source.newPrice ?? []),
  );
  return resolved;
}
