import { inTransaction } from "../platform/database/database.ts";
import { type RateCardAlias, updateAliases } from "../store/rate-card-aliases.ts";
import type { NewConversion } from "../store/rate-card-conversions.ts";
import { lockRateCard, updateRateCard as update } from "../store/rate-cards.ts";
import { addConversions } from "./add-conversions.ts";
import { checkAliases } from "./check-aliases.ts";
import type { OperationContext } from "./context.ts";

export interface UpdateRateCard {
  readonly rateCardId: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** All aliases the card is to have; absent: they stay. */
  readonly aliases?: readonly RateCardAlias[] | undefined;
  /** For units that have none on the card yet. */
  readonly addConversions: readonly NewConversion[];
}

/**
 * Changes a card's names and adds conversions of units. Contracts that have the card keep it whatever
 * it is called.
 */
export async function updateRateCard(ctx: OperationContext, input: UpdateRateCard): Promise<void> {
  const { rateCardId: id, aliases } = input;
  checkAliases(aliases ?? []);
  await inTransaction(ctx.db, async (tx) => {
    await lockRateCard(tx, ctx.environment.id, id);
    await update(tx, id, input);
    await addConversions(tx, ctx, id, input.addConversions, "add_credit_type_conversions");
    if (aliases === undefined) return;
    await updateAliases(tx, { id, environmentId: ctx.environment.id }, aliases);
  });
}
