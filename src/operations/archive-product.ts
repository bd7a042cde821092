import { instantText } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { archiveProduct as archive, lockProduct } from "../store/products.ts";
import type { OperationContext } from "./context.ts";

/** Takes a product out of use for new rates; rates and contracts that have it go on. */
export async function archiveProduct(ctx: OperationContext, productId: string): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    await lockProduct(tx, ctx.environment.id, productId);
    await archive(tx, productId, instantText(ctx.now));
  });
}
