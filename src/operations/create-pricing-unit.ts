import { CREDIT_TYPES } from "../domain/credit-type.ts";
import { instantText } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { insertPricingUnit } from "../store/pricing-units.ts";
import type { OperationContext } from "./context.ts";

/** Adds a custom pricing unit and returns its id. A name that is in use is a conflict. */
export async function createPricingUnit(ctx: OperationContext, name: string): Promise<string> {
  const isCurrency = CREDIT_TYPES.some((type) => type.name.toLowerCase() === name.toLowerCase());
  if (isCurrency) throw invalid("name is the name of a currency", "name");
  return inTransaction(ctx.db, (tx) =>
    insertPricingUnit(tx, {
      environment_id: ctx.environment.id,
      name,
      created_at: instantText(ctx.now),
      created_by: ctx.actor,
    }),
  );
}
