import type { CustomFields } from "../domain/custom-fields/entity.ts";
import type { ProductType } from "../domain/pricing/product.ts";
import type { ProductState } from "../domain/pricing/product-history.ts";
import { instantText } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { insertProduct, insertProductVersion } from "../store/products.ts";
import { checkComposition, checkProductFields } from "./check-composition.ts";
import { checkMeteredState } from "./check-metered-state.ts";
import type { OperationContext } from "./context.ts";
import { setCustomFields } from "./set-custom-fields.ts";

export interface CreateProduct {
  readonly type: ProductType;
  readonly state: ProductState;
  /** What the caller calls the conversion. */
  readonly conversionName: string | null;
  readonly customFields?: CustomFields | undefined;
}

/** Adds a product to the catalogue and returns its id. */
export async function createProduct(ctx: OperationContext, input: CreateProduct): Promise<string> {
  const { type, state, conversionName } = input;
  checkProductFields(type, state);
  if (type === "USAGE" && state.metricId === null) {
    throw invalid("billable_metric_id is required for USAGE products", "billable_metric_id");
  }
  return inTransaction(ctx.db, async (tx) => {
    if (type === "COMPOSITE") await checkComposition({ ...ctx, db: tx }, state);
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
