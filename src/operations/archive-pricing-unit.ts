import { instantText } from "../domain/time.ts";
import { notFound } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { archivePricingUnit as archive, findPricingUnit } from "../store/pricing-units.ts";
import type { OperationContext } from "./context.ts";

/** Takes a unit out of use for new conversions and commits; what is in it already goes on. */
export async function archivePricingUnit(ctx: OperationContext, id: string): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    const unit = await findPricingUnit(tx, ctx.environment.id, id);
    if (unit === undefined) throw notFound("pricing unit", id);
    await archive(tx, id, instantText(ctx.now));
  });
}
