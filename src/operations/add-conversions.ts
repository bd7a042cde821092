import type { CoreTransaction } from "../db/database.ts";
import { invalid } from "../errors.ts";
import {
  insertConversions,
  listConversions,
  type NewConversion,
} from "../store/rate-card-conversions.ts";
import { checkCreditType, isCurrency } from "./check-credit-type.ts";
import type { OperationContext } from "./context.ts";

/**
 * Adds what units cost on a rate card; the caller holds the card. One that is there stays as it is:
 * a second one for its unit is refused. `path` names the list in messages.
 */
export async function addConversions(
  tx: CoreTransaction,
  ctx: OperationContext,
  rateCardId: string,
  conversions: readonly NewConversion[],
  path: string,
): Promise<void> {
  const present = (await listConversions(tx, [rateCardId])).get(rateCardId) ?? [];
  const known = new Set(present.map(({ unit }) => unit.id));
  for (const [n, { unitId }] of conversions.entries()) {
    const field = `${path}[${n}].custom_credit_type_id`;
    if (isCurrency(unitId)) throw invalid(`${field} must be a custom pricing unit`, field);
    await checkCreditType({ ...ctx, db: tx }, unitId, field);
    if (known.has(unitId)) {
      throw invalid(`${field} has a conversion on this card, which cannot be changed`, field);
    }
    known.add(unitId);
  }
  await insertConversions(tx, rateCardId, conversions);
}
