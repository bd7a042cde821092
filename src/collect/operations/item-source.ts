import type { TaxBehavior } from "../db/foundation-tables.ts";
import { toCurrency } from "../domain/currencies.ts";
import type { PricedItem } from "../domain/price-item.ts";
import { refused } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import { type InlinePrice, listPricesById } from "../store/prices.ts";
import { type InlineProduct, listProductsById } from "../store/products.ts";

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
  readonly taxBehavior: TaxBehavior;
}

export interface CurrentItem extends PricedItem {
  readonly currency: string;
  readonly price: string | null;
  readonly product: string | null;
}

export type Catalog = Awaited<ReturnType<typeof loadCatalog>>;

/** Reads the prices and products that items name, two queries for all of them. */
export async function loadCatalog(scope: Scope, items: readonly ItemPricing[]) {
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

/** Where an item's price comes from, and what has to be added first for it to exist. */
export interface ItemSource {
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

function fromPrice(item: ItemPricing, id: string, { prices, products }: Catalog): ItemSource {
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

function fromPriceData(
  item: ItemPricing,
  data: InlinePriceData,
  { products }: Catalog,
): ItemSource {
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
    newPrice: {
      id: price,
      product,
      currency,
      unitAmount: data.unitAmount,
      taxBehavior: data.taxBehavior,
    },
    ...(newProduct === undefined ? {} : { newProduct }),
  };
}

/** The one way in which an item is priced. Throws 400 when there are two, or when what it names cannot be used. */
export function sourceOf(item: ItemPricing, catalog: Catalog): ItemSource {
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
