import { findCreditType } from "../domain/credit-type.ts";
import { invalid } from "../errors.ts";
import { findPricingUnit } from "../store/pricing-units.ts";
import type { OperationContext } from "./context.ts";

/** Whether the credit type is a currency; otherwise it can only be a custom pricing unit. */
export const isCurrency = (creditTypeId: string): boolean =>
  findCreditType(creditTypeId) !== undefined;

/** Refuses a credit type that is neither a currency nor a custom pricing unit that is in use. */
export async function checkCreditType(
  ctx: Pick<OperationContext, "db" | "environment">,
  creditTypeId: string,
  field: string,
): Promise<void> {
  if (isCurrency(creditTypeId)) return;
  const unit = await findPricingUnit(ctx.db, ctx.environment.id, creditTypeId);
  if (unit === undefined) {
    throw invalid(`${field} is neither a currency nor a pricing unit of this account`, field);
  }
  if (unit.archived_at !== null) throw invalid(`${field} is an archived pricing unit`, field);
}
