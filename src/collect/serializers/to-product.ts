import type Stripe from "stripe";
import type { ProductRow } from "../store/products.ts";
import { toUnix, type Wire } from "../wire.ts";

/** A product as Stripe's API shows it. */
export const toProduct = (row: ProductRow): Wire<Stripe.Product> => ({
  id: row.id,
  object: "product",
  active: row.active,
  created: toUnix(row.created_at),
  default_price: row.default_price,
  description: row.description,
  images: [...row.images],
  livemode: row.livemode,
  marketing_features: [...row.marketing_features],
  metadata: row.metadata,
  name: row.name,
  package_dimensions: null,
  shippable: row.shippable,
  statement_descriptor: row.statement_descriptor,
  tax_code: row.tax_code,
  tax_details: null,
  type: row.type,
  unit_label: row.unit_label,
  updated: toUnix(row.updated_at),
  url: row.url,
});
