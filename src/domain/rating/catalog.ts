import type { Contract } from "../contracts/contract.ts";
import type { Conventions } from "../conventions.ts";
import { groupValuesKey } from "../metering/group-values.ts";
import type { Metric } from "../metering/metric.ts";
import { overridesOf, type ProductOverrides } from "../overrides/agreed-windows.ts";
import type { Product, ProductType } from "../pricing/product.ts";
import type { Rate, RateCard } from "../pricing/rate.ts";
import { versionAt } from "../pricing/version-runs.ts";
import type { Instant } from "../time.ts";
import type { RatingSnapshot } from "./snapshot.ts";

/** A product with its rates on one card, by combination of pricing values. */
export interface PricedProduct {
  readonly product: Product;
  readonly rates: ReadonlyMap<string, readonly Rate[]>;
  /** What the contract changes of them. */
  readonly overrides: ProductOverrides;
}

/** The terms of a snapshot by id. Every `get` throws RangeError: a snapshot must be complete. */
export interface Catalog {
  readonly conventions: Conventions;
  readonly getContract: (id: string) => Contract;
  readonly getProduct: (id: string) => Product;
  readonly getMetric: (id: string) => Metric;
  readonly getRateCard: (id: string) => RateCard;
  /** The products that a contract's card has rates for, in the order of invoice lines. */
  readonly pricedProducts: (contract: Contract) => readonly PricedProduct[];
  /** Those of them that are metered, and those that are a percentage of others. */
  readonly usageProducts: (contract: Contract) => readonly PricedProduct[];
  readonly compositeProducts: (contract: Contract) => readonly PricedProduct[];
}

/** Indexes the terms of a snapshot. */
export function openCatalog(snapshot: RatingSnapshot): Catalog {
  const getContract = lookUp("contract", snapshot.contracts);
  const getProduct = lookUp("product", snapshot.products);
  const getCard = lookUp("rate card", snapshot.rateCards);
  const priced = new Map<string, readonly PricedProduct[]>();
  const pricedProducts = (contract: Contract): readonly PricedProduct[] => {
    const { id, rateCardId } = contract;
    if (rateCardId === null) return [];
    const known = priced.get(id);
    if (known !== undefined) return known;
    const { rates, productOrder } = getCard(rateCardId);
    const products = inLineOrder(
      groupRates(rates, getProduct, contract),
      productOrder,
      snapshot.now,
    );
    priced.set(id, products);
    return products;
  };
  const ofType = (type: ProductType) => (contract: Contract) =>
    pricedProducts(contract).filter(({ product }) => product.type === type);
  return {
    conventions: snapshot.conventions,
    getContract,
    getProduct,
    getMetric: lookUp("metric", snapshot.metrics),
    getRateCard: getCard,
    pricedProducts,
    usageProducts: ofType("USAGE"),
    compositeProducts: ofType("COMPOSITE"),
  };
}

function lookUp<T extends { readonly id: string }>(what: string, items: readonly T[]) {
  const byId = new Map(items.map((item) => [item.id, item]));
  return (id: string): T => {
    const item = byId.get(id);
    if (item === undefined) throw new RangeError(`The snapshot has no ${what} ${id}`);
    return item;
  };
}

function groupRates(
  rates: readonly Rate[],
  getProduct: (id: string) => Product,
  contract: Contract,
): PricedProduct[] {
  const byProduct = new Map<string, Map<string, Rate[]>>();
  for (const rate of rates) {
    const combinations = byProduct.get(rate.productId) ?? new Map<string, Rate[]>();
    const key = groupValuesKey(rate.pricingGroupValues);
    const dated = combinations.get(key);
    if (dated === undefined) combinations.set(key, [rate]);
    else dated.push(rate);
    byProduct.set(rate.productId, combinations);
  }
  return [...byProduct].map(([productId, combinations]) => {
    const product = getProduct(productId);
    return { product, rates: combinations, overrides: overridesOf(contract, product) };
  });
}

function inLineOrder(
  products: readonly PricedProduct[],
  productOrder: readonly string[],
  now: Instant,
): PricedProduct[] {
  const place = new Map(productOrder.map((id, index) => [id, index]));
  const sortKey = ({ product }: PricedProduct) => ({
    place: place.get(product.id) ?? productOrder.length,
    name: versionAt(product, now).name,
    id: product.id,
  });
  return products
    .map((priced) => ({ priced, key: sortKey(priced) }))
    .sort(({ key: a }, { key: b }) => {
      if (a.place !== b.place) return a.place - b.place;
      if (a.name !== b.name) return a.name < b.name ? -1 : 1;
      return a.id < b.id ? -1 : 1;
    })
    .map(({ priced }) => priced);
}
