import { type Decimal, ONE, ZERO } from "../domain/decimal.ts";
import { invalid } from "../errors.ts";
import { listConversions } from "../store/rate-card-conversions.ts";
import type { ThresholdConfiguration } from "../store/threshold-configurations.ts";
import { checkCreditType } from "./check-credit-type.ts";
import type { OperationContext } from "./context.ts";

/**
 * What one of the unit of a threshold's amounts costs, in the wire unit of the contract's currency: 1
 * where they are money, else what the contract's card says, which never changes. undefined: the card
 * has no conversion of the unit.
 */
export async function findUnitPrice(
  { db }: Pick<OperationContext, "db">,
  unitId: string | null,
  rateCardId: string | null,
): Promise<Decimal | undefined> {
  if (unitId === null) return ONE;
  if (rateCardId === null) return undefined;
  const conversions = (await listConversions(db, [rateCardId])).get(rateCardId) ?? [];
  return conversions.find(({ unit }) => unit.id === unitId)?.fiatPerUnit;
}

/**
 * Answers as findUnitPrice does, and refuses a unit that nothing can be bought in. A unit that was
 * archived since the contract `had` it goes on. `path` names the threshold in messages.
 */
export async function checkThresholdUnit(
  ctx: OperationContext,
  { customCreditTypeId: unitId }: Pick<ThresholdConfiguration, "customCreditTypeId">,
  { rateCardId, had }: { readonly rateCardId: string | null; readonly had: string | null },
  path: string,
): Promise<Decimal> {
  const field = `${path}.custom_credit_type_id`;
  if (unitId !== null && unitId !== had) await checkCreditType(ctx, unitId, field);
  const price = await findUnitPrice(ctx, unitId, rateCardId);
  if (price === undefined) {
    const expected = "must be a pricing unit that the contract's rate card has a conversion of";
    throw invalid(`${field} ${expected}`, field);
  }
  if (price.eq(ZERO)) throw invalid(`${field} costs nothing on the contract's rate card`, field);
  return price;
}
