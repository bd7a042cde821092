import type { ProductField } from "../db/tables/products.ts";
import {
  type ProductState,
  type ProductUpdate,
  productStateAt,
  productVersions,
} from "../domain/pricing/product-history.ts";
import { type Instant, instantText, isBefore } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import {
  getProduct,
  insertProductVersion,
  lockProduct,
  PRODUCT_FIELDS,
  toProductUpdate,
} from "../store/products.ts";
import { checkComposition, checkProductFields } from "./check-composition.ts";
import { checkMeteredState } from "./check-metered-state.ts";
import { checkReach } from "./check-reach.ts";
import type { OperationContext } from "./context.ts";

export interface UpdateProduct {
  readonly productId: string;
  /** Past instants are allowed: drafts are computed anew. */
  readonly startingAt: Instant;
  readonly changes: Partial<ProductState>;
  readonly conversionName: string | null;
}

/** Dates a change of a product: it is in force from `startingAt` until a later change. */
export async function updateProduct(ctx: OperationContext, input: UpdateProduct): Promise<string> {
  const { productId, startingAt, changes } = input;
  checkReach(startingAt, "starting_at");
  if (Object.keys(changes).length === 0) throw invalid("The update changes nothing");
  return inTransaction(ctx.db, async (tx) => {
    await lockProduct(tx, ctx.environment.id, productId);
    const product = await getProduct(tx, ctx.environment.id, productId);
    checkProductFields(product.type, changes);
    const update: ProductUpdate = { startingAt, changes };
    const earlier = product.updates.map(toProductUpdate);
    const versions = productVersions(product.initial.state, [...earlier, update]);
    const before = productStateAt(productVersions(product.initial.state, earlier), startingAt);
    for (const version of versions.filter((version) => !isBefore(version.startingAt, startingAt))) {
      await checkMeteredState({ ...ctx, db: tx }, version, before.metricId ?? undefined);
      if (product.type === "COMPOSITE") await checkComposition({ ...ctx, db: tx }, version);
    }
    await insertProductVersion(tx, {
      productId,
      startingAt: instantText(startingAt),
      changed: changedFields(changes),
      state: productStateAt(versions, startingAt),
      conversionName: input.conversionName,
      createdAt: instantText(ctx.now),
      createdBy: ctx.actor,
    });
    return productId;
  });
}

const changedFields = (changes: Partial<ProductState>): ProductField[] =>
  PRODUCT_FIELDS.filter(({ state }) => changes[state] !== undefined).map(({ column }) => column);
