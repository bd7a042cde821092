import { toText } from "../../domain/decimal.ts";
import { toCurrency } from "../domain/currencies.ts";
import { mergeTerms, type PricedItem, priceItem } from "../domain/price-item.ts";
import { refused } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import {
  type InlinePrice,
  type InlineProduct,
  insertInlinePrices,
  insertInlineProducts,
  listPricesById,
  listProductsById,
} from "../store/catalog.ts";

/** How a request prices an item or a line. Decimals as text; nothing is defaulted yet. */
export interface ItemPricing {
  readonly amount?: bigint | undefined;
  readonly currency?: string | undefined;
  readonly price?: string | undefined;
  readonly priceData?: InlinePriceData | undefined;
  readonly unitAmount?: string | undefined;
  readonly quantity?: string | undefined;
  /** What it was before, when it is an update. */
  readonly current?: CurrentItem | undefined;
  /** Names a member as the caller wrote it: "lines[0][amount]". */
  readonly paramOf: (...path: readonly string[]) => string;
}

export interface InlinePriceData {
  readonly currency: string;
  readonly product?: string | undefined;
  readonly productData?: Omit<InlineProduct, "id"> | undefined;
  readonly unitAmount: string;
}

export interface CurrentItem extends PricedItem {
  readonly currency: string;
  readonly price: string | null;
  readonly product: string | null;
}

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

type Catalog = Awaited<ReturnType<typeof loadCatalog>>;

async function loadCatalog(scope: Scope, items: readonly ItemPricing[]) {
  const prices = await listPricesById(
    scope,
    items.flatMap((item) => item.price ?? []),
  );
  const products = await listProductsById(scope, [
    ...items.flatMap((item) => item.priceData?.product ?? []),
    ...[...prices.values()].map((price) => price.product),
  ]);
  return { prices, products };
}

interface Source {
  readonly unitAmount?: string | undefined;
  readonly currency?: string | undefined;
  readonly price: string | null;
  readonly product: string | null;
  readonly productName: string | null;
  readonly newPrice?: InlinePrice;
  readonly newProduct?: InlineProduct;
}

const missingParam = (what: string, id: string, param: string) =>
  refused("resource_missing", `No such ${what}: '${id}'`, param);

function fromPrice(item: ItemPricing, id: string, { prices, products }: Catalog): Source {
  const price = prices.get(id);
  if (price === undefined) throw missingParam("price", id, item.paramOf("pricing", "price"));
  if (price.recurring_interval !== null) {
    throw refused(
      "invalid_argument",
      `The price specified is set to \`type=recurring\` but this field only accepts prices with \`type=one_time\`.`,
      item.paramOf("pricing", "price"),
    );
  }
  if (!price.active) {
    throw refused(
      "invalid_argument",
      `The price specified is inactive. This field only accepts active prices.`,
      item.paramOf("pricing", "price"),
    );
  }
  if (price.transform_quantity !== null) {
    throw refused(
      "invalid_argument",
      "Prices with transform_quantity are not supported on invoice items.",
      item.paramOf("pricing", "price"),
    );
  }
  return {
    unitAmount: price.unit_amount,
    currency: price.currency,
    price: id,
    product: price.product,
    productName: products.get(price.product)?.name ?? null,
  };
}

function fromPriceData(item: ItemPricing, data: InlinePriceData, { products }: Catalog): Source {
  const currency = toCurrency(data.currency, item.paramOf("price_data", "currency"));
  if ((data.product === undefined) === (data.productData === undefined)) {
    throw refused(
      data.product === undefined ? "parameter_missing" : "parameters_exclusive",
      "You must pass exactly one of product and product_data.",
      item.paramOf("price_data", "product"),
    );
  }
  const known = data.product === undefined ? undefined : products.get(data.product);
  if (data.product !== undefined && known === undefined) {
    throw missingParam("product", data.product, item.paramOf("price_data", "product"));
  }
  const newProduct =
    data.productData === undefined ? undefined : { id: newId("prod"), ...data.productData };
  const product = known?.id ?? newProduct?.id ?? "";
  const price = newId("price");
  return {
    unitAmount: data.unitAmount,
    currency,
    price,
    product,
    productName: known?.name ?? newProduct?.name ?? null,
    newPrice: { id: price, product, currency, unitAmount: data.unitAmount },
    ...(newProduct === undefined ? {} : { newProduct }),
  };
}

function sourceOf(item: ItemPricing, catalog: Catalog): Source {
  const given = [item.price, item.priceData, item.unitAmount].filter((way) => way !== undefined);
  if (given.length > 1) {
    throw refused(
      "parameters_exclusive",
      "You may only pass one of pricing, price_data and unit_amount_decimal.",
      item.paramOf("price_data"),
    );
  }
  if (item.price !== undefined) return fromPrice(item, item.price, catalog);
  if (item.priceData !== undefined) return fromPriceData(item, item.priceData, catalog);
  const keeps = item.amount === undefined && item.unitAmount === undefined;
  return {
    unitAmount: item.unitAmount,
    price: (keeps ? item.current?.price : null) ?? null,
    product: (keeps ? item.current?.product : null) ?? null,
    productName: null,
  };
}

function resolveOne(item: ItemPricing, source: Source, fallback: string): ResolvedItem {
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
