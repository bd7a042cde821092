import type { ProductType } from "../domain/pricing/product.ts";
import type { ProductState } from "../domain/pricing/product-history.ts";
import { invalid } from "../errors.ts";
import { getProducts } from "../store/products.ts";
import type { OperationContext } from "./context.ts";

/**
 * Refuses a COMPOSITE product that is made of nothing, or of products that are not metered: a
 * composite of composites could be one of itself.
 */
export async function checkComposition(
  ctx: Pick<OperationContext, "db" | "environment">,
  { compositeProductIds: ids = [], compositeTags: tags = [] }: ProductState,
): Promise<void> {
  if (ids.length === 0 && tags.length === 0) {
    throw invalid(
      "composite_product_ids or composite_tags is required for COMPOSITE products",
      "composite_product_ids",
    );
  }
  const products = await getProducts(ctx.db, ctx.environment.id, ids);
  for (const [n, id] of ids.entries()) {
    if (products.get(id)?.type === "USAGE") continue;
    const field = `composite_product_ids[${n}]`;
    throw invalid(`${field} must be of a USAGE product`, field);
  }
}

/** Refuses fields that a product of another type has. */
export function checkProductFields(type: ProductType, state: Partial<ProductState>): void {
  const fields = [
    { field: "billable_metric_id", only: "USAGE", given: state.metricId != null },
    { field: "pricing_group_key", only: "USAGE", given: hasAny(state.pricingGroupKey) },
    { field: "presentation_group_key", only: "USAGE", given: hasAny(state.presentationGroupKey) },
    { field: "quantity_conversion", only: "USAGE", given: state.quantityConversion != null },
    { field: "quantity_rounding", only: "USAGE", given: state.quantityRounding != null },
    { field: "composite_product_ids", only: "COMPOSITE", given: hasAny(state.compositeProductIds) },
    { field: "composite_tags", only: "COMPOSITE", given: hasAny(state.compositeTags) },
    { field: "exclude_free_usage", only: "COMPOSITE", given: state.excludeFreeUsage === true },
  ];
  const foreign = fields.find(({ only, given }) => given && only !== type);
  if (foreign === undefined) return;
  throw invalid(`${foreign.field} is only for ${foreign.only} products`, foreign.field);
}

const hasAny = (list: readonly string[] | undefined): boolean => (list ?? []).length > 0;
