import type { OperationContext } from "../../operations/context.ts";
import { listCustomFields } from "../../store/custom-field-values.ts";
import { listAliases } from "../../store/rate-card-aliases.ts";
import { listConversions } from "../../store/rate-card-conversions.ts";
import type { RateCardRow } from "../../store/rate-cards.ts";
import { toRateCardView } from "./rate-card.ts";

/** Rate cards as the API shows them. */
export async function loadRateCardViews(ctx: OperationContext, cards: readonly RateCardRow[]) {
  const ids = cards.map(({ id }) => id);
  const aliases = await listAliases(ctx.db, ids);
  const fields = await listCustomFields(ctx.db, ctx.environment.id, "rate_card", ids);
  const conversions = await listConversions(ctx.db, ids);
  return cards.map((card) =>
    toRateCardView(card, {
      aliases: aliases.get(card.id) ?? [],
      conversions: conversions.get(card.id) ?? [],
      customFields: fields.get(card.id) ?? {},
    }),
  );
}
