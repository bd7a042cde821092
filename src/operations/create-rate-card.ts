import { findCreditType, USD_CREDIT_TYPE_ID } from "../domain/credit-type.ts";
import type { CustomFields } from "../domain/custom-fields/entity.ts";
import { instantText } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { type RateCardAlias, updateAliases } from "../store/rate-card-aliases.ts";
import type { NewConversion } from "../store/rate-card-conversions.ts";
import { insertRateCard } from "../store/rate-cards.ts";
import { addConversions } from "./add-conversions.ts";
import { checkAliases } from "./check-aliases.ts";
import type { OperationContext } from "./context.ts";
import { setCustomFields } from "./set-custom-fields.ts";

export interface CreateRateCard {
  readonly name: string;
  readonly description: string | null;
  /** Default: US dollars. It never changes. */
  readonly fiatCreditTypeId?: string | undefined;
  readonly aliases: readonly RateCardAlias[];
  /** What custom pricing units cost on it. */
  readonly conversions: readonly NewConversion[];
  readonly customFields?: CustomFields | undefined;
}

/** Adds an empty rate card and returns its id. */
export async function createRateCard(
  ctx: OperationContext,
  input: CreateRateCard,
): Promise<string> {
  const fiatCreditTypeId = input.fiatCreditTypeId ?? USD_CREDIT_TYPE_ID;
  if (findCreditType(fiatCreditTypeId) === undefined) {
    throw invalid("fiat_credit_type_id is not a currency of this account", "fiat_credit_type_id");
  }
  checkAliases(input.aliases);
  return inTransaction(ctx.db, async (tx) => {
    const id = await insertRateCard(tx, {
      environment_id: ctx.environment.id,
      name: input.name,
      description: input.description,
      fiat_credit_type_id: fiatCreditTypeId,
      created_at: instantText(ctx.now),
      created_by: ctx.actor,
    });
    await updateAliases(tx, { id, environmentId: ctx.environment.id }, input.aliases);
    await addConversions(tx, ctx, id, input.conversions, "credit_type_conversions");
    await setCustomFields(tx, ctx, "rate_card", id, input.customFields);
    return id;
  });
}
