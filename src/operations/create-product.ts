import type { CustomFields } from "../domain/custom-fields/entity.ts";
import type { ProductState } from "../domain/pricing/product-history.ts";
import { instantText } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { insertProduct, insertProductVersion } from "../store/products.ts";
import { checkMeteredState } from "./check-metered-state.ts";
import type { OperationContext } from "./context.ts";
import { setCustomFields } from "./set-custom-fields.ts";

export interface CreateProduct {
  readonly type: "USAGE" | "FIXED" | "SUBSCRIPTION";
  readonly state: ProductState;
  /** What the caller calls the conversion. */
  readonly conversionName: string | null;
  readonly customFields?: CustomFields | undefined;
}

/** Adds a product to the catalogue and returns its id. */
export async function createProduct(ctx: OperationContext, input: CreateProduct): Promise<string> {
  const { type, state, conversionName } = input;
  checkType(type, state);
  return inTransaction(ctx.db, async (tx) => {
    await checkMeteredState({ ...ctx, db: tx }, state, undefined);
    const stamp = { createdAt: instantText(ctx.now), createdBy: ctx.actor };
    const productId = await insertProduct(tx, {
      environmentId: ctx.environment.id,
      type,
      ...stamp,
    });
    await insertProductVersion(tx, {
      productId,
      startingAt: null,
      changed: [],
      state,
      conversionName,
      ...stamp,
    });
    await setCustomFields(tx, ctx, "contract_product", productId, input.customFields);
    return productId;
  });
}

function checkType(type: CreateProduct["type"], state: ProductState): void {
  if (type === "USAGE") {
    if (state.metricId === null) {
      throw invalid("billable_metric_id is required for USAGE products", "billable_metric_id");
    }
    return;
  }
  const [field] = usageFieldsOf(state);
  if (field !== undefined) throw invalid(`${field} is only for USAGE products`, field);
}

/** The fields of a state that only products with usage may have. */
export const usageFieldsOf = (state: Partial<ProductState>): string[] =>
  [
    { field: "billable_metric_id", given: state.metricId != null },
    { field: "pricing_group_key", given: (state.pricingGroupKey ?? []).length > 0 },
    { field: "presentation_group_key", given: (state.presentationGroupKey ?? []).length > 0 },
    { field: "quantity_conversion", given: state.quantityConversion != null },
    { field: "quantity_rounding", given: state.quantityRounding != null },
  ]
    .filter(({ given }) => given)
    .map(({ field }) => field);
