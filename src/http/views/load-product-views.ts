import type { OperationContext } from "../../operations/context.ts";
import { listCustomFields } from "../../store/custom-field-values.ts";
import type { ProductRecord } from "../../store/products.ts";
import { toProductView } from "./product.ts";

/** Products as the API shows them now. */
export async function loadProductViews(ctx: OperationContext, products: readonly ProductRecord[]) {
  const ids = products.map(({ id }) => id);
  const fields = await listCustomFields(ctx.db, ctx.environment.id, "contract_product", ids);
  return products.map((product) => toProductView(product, ctx.now, fields.get(product.id) ?? {}));
}
