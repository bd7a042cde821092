import { invalid } from "../errors.ts";
import { getProducts } from "../store/products.ts";
import type { OperationContext } from "./context.ts";

/** A product that a commit or charge is sold as. */
export interface FixedProduct {
  readonly id: string;
  /** Names it in messages: "commits[0].product_id". */
  readonly path: string;
}

/**
 * Refuses products that do not exist in the environment, and such as are no FIXED product where a
 * commit, credit or charge needs one. `applicable` may be of any type.
 */
export async function checkProducts(
  ctx: Pick<OperationContext, "db" | "environment">,
  fixed: readonly FixedProduct[],
  applicable: readonly string[],
): Promise<void> {
  const ids = [...fixed.map(({ id }) => id), ...applicable];
  const products = await getProducts(ctx.db, ctx.environment.id, ids);
  for (const { id, path } of fixed) {
    const product = products.get(id);
    if (product?.type !== "FIXED") throw invalid(`${path} must be of a FIXED product`, path);
    if (product.archivedAt !== null) throw invalid(`${path} is of an archived product`, path);
  }
}
