import { inTransaction } from "../platform/database/database.ts";
import { type RateCardAlias, updateAliases } from "../store/rate-card-aliases.ts";
import { lockRateCard, updateRateCard as update } from "../store/rate-cards.ts";
import { checkAliases } from "./check-aliases.ts";
import type { OperationContext } from "./context.ts";

export interface UpdateRateCard {
  readonly rateCardId: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** All aliases the card is to have; absent: they stay. */
  readonly aliases?: readonly RateCardAlias[] | undefined;
}

/** Changes a card's names. Contracts that have the card keep it whatever it is called. */
export async function updateRateCard(ctx: OperationContext, input: UpdateRateCard): Promise<void> {
  const { rateCardId: id, aliases } = input;
  checkAliases(aliases ?? []);
  await inTransaction(ctx.db, async (tx) => {
    await lockRateCard(tx, ctx.environment.id, id);
    await update(tx, id, input);
    if (aliases === undefined) return;
    await updateAliases(tx, { id, environmentId: ctx.environment.id }, aliases);
  });
}
