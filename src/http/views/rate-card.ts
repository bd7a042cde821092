import type { CustomFields } from "../../domain/custom-fields/entity.ts";
import type { RateCardAlias } from "../../store/rate-card-aliases.ts";
import type { RateCardRow } from "../../store/rate-cards.ts";
import { toCreditTypeView } from "./credit-type.ts";

/** A rate card as the API shows it, without its rates. */
export const toRateCardView = (
  card: RateCardRow,
  aliases: readonly RateCardAlias[],
  customFields: CustomFields,
) => ({
  id: card.id,
  name: card.name,
  ...(card.description === null ? {} : { description: card.description }),
  fiat_credit_type: toCreditTypeView(card.fiat_credit_type_id),
  credit_type_conversions: [],
  aliases: aliases.map(({ name, startingAt, endingBefore }) => ({
    name,
    ...(startingAt === null ? {} : { starting_at: startingAt }),
    ...(endingBefore === null ? {} : { ending_before: endingBefore }),
  })),
  custom_fields: customFields,
  created_at: card.created_at,
  created_by: card.created_by,
});
