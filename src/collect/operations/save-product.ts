import { mergeMetadata } from "../domain/metadata.ts";
import { refused } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import { toProduct } from "../serializers/to-product.ts";
import { getPrice } from "../store/prices.ts";
import {
  deleteProduct,
  insertProduct,
  lockProduct,
  type ProductChanges,
  type ProductRow,
  updateProduct,
} from "../store/products.ts";
import { previousAttributes } from "./changes.ts";
import { recordEvent } from "./record-event.ts";
import { createPrice, type PriceTerms } from "./save-price.ts";

/** What a request says about a product: undefined leaves a thing as it is, null clears it. */
export interface ProductTerms {
  readonly active?: boolean | undefined;
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  readonly images?: readonly string[] | null | undefined;
  readonly marketingFeatures?: readonly { readonly name: string }[] | null | undefined;
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
  readonly shippable?: boolean | undefined;
  readonly statementDescriptor?: string | undefined;
  readonly taxCode?: string | null | undefined;
  readonly unitLabel?: string | null | undefined;
  readonly url?: string | null | undefined;
  readonly defaultPrice?: string | undefined;
}

export interface NewProduct extends ProductTerms {
  readonly id?: string | undefined;
  readonly name: string;
  readonly type?: "good" | "service" | undefined;
  readonly defaultPriceTerms?: Omit<PriceTerms, "product"> | undefined;
}

/** A given value, else the current one. */
const or = <T>(given: T | undefined, current: T): T => (given === undefined ? current : given);

/** Makes a product, and its default price when the request describes one. */
export async function createProduct(scope: Scope, terms: NewProduct): Promise<ProductRow> {
  const product = await insertProduct(scope, {
    id: terms.id ?? newId("prod"),
    updated_at: scope.nowAt,
    active: terms.active ?? true,
    name: terms.name,
    description: terms.description ?? null,
    default_price: null,
    images: JSON.stringify(terms.images ?? []),
    marketing_features: JSON.stringify(terms.marketingFeatures ?? []),
    metadata: JSON.stringify(mergeMetadata({}, terms.metadata)),
    shippable: terms.shippable ?? null,
    statement_descriptor: terms.statementDescriptor ?? null,
    tax_code: terms.taxCode ?? null,
    type: terms.type ?? "service",
    unit_label: terms.unitLabel ?? null,
    url: terms.url ?? null,
  });
  recordEvent(scope, { type: "product.created", object: toProduct(product) });
  if (terms.defaultPriceTerms === undefined) return product;
  const price = await createPrice(scope, { ...terms.defaultPriceTerms, product: product.id });
  return changeProduct(scope, product, { default_price: price.id });
}

async function changeProduct(
  scope: Scope,
  before: ProductRow,
  changes: ProductChanges,
): Promise<ProductRow> {
  const after = await updateProduct(scope, before.id, { ...changes, updated_at: scope.nowAt });
  const object = toProduct(after);
  const previous = previousAttributes(toProduct(before), object);
  if (previous !== undefined) {
    recordEvent(scope, { type: "product.updated", object, previousAttributes: previous });
  }
  return after;
}

/** Changes what the request names. Throws 404 for an unknown product, 400 for a price of another one. */
export async function changeProductTerms(
  scope: Scope,
  id: string,
  terms: ProductTerms,
): Promise<ProductRow> {
  const product = await lockProduct(scope, id);
  if (terms.defaultPrice !== undefined) {
    const price = await getPrice(scope, terms.defaultPrice, "default_price");
    if (price.product !== id) {
      throw refused("invalid_argument", "The price belongs to another product", "default_price");
    }
  }
  return changeProduct(scope, product, {
    active: or(terms.active, product.active),
    name: or(terms.name, product.name),
    description: or(terms.description, product.description),
    default_price: or(terms.defaultPrice, product.default_price),
    images: JSON.stringify(or(terms.images, product.images) ?? []),
    marketing_features: JSON.stringify(
      or(terms.marketingFeatures, product.marketing_features) ?? [],
    ),
    metadata: JSON.stringify(mergeMetadata(product.metadata, terms.metadata)),
    shippable: or(terms.shippable, product.shippable),
    statement_descriptor: or(terms.statementDescriptor, product.statement_descriptor),
    tax_code: or(terms.taxCode, product.tax_code),
    unit_label: or(terms.unitLabel, product.unit_label),
    url: or(terms.url, product.url),
  });
}

/** Deletes a product that no price belongs to. Throws 404, or 400 while one does. */
export async function removeProduct(scope: Scope, id: string): Promise<void> {
  const product = await lockProduct(scope, id);
  await deleteProduct(scope, id);
  recordEvent(scope, { type: "product.deleted", object: toProduct(product) });
}
