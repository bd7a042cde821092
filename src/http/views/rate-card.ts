import type { CustomFields } from "../../domain/custom-fields/entity.ts";
import { toText } from "../../domain/decimal.ts";
import type { UnitConversion } from "../../domain/pricing-unit.ts";
import type { RateCardAlias } from "../../store/rate-card-aliases.ts";
import type { RateCardRow } from "../../store/rate-cards.ts";
import { toCreditTypeView } from "./credit-type.ts";

export interface RateCardParts {
  readonly aliases: readonly RateCardAlias[];
  readonly conversions: readonly UnitConversion[];
  readonly customFields: CustomFields;
}

/** A rate card as the API shows it, without its rates. */
export const toRateCardView = (
  card: RateCardRow,
  { aliases, conversions, customFields }: RateCardParts,
) => ({
  id: card.id,
  name: card.name,
  ...(card.description === null ? {} : { description: card.description }),
  fiat_credit_type: toCreditTypeView(card.fiat_credit_type_id),
  credit_type_conversions: conversions.map(({ unit: { id, name }, fiatPerUnit }) => ({
    custom_credit_type: { id, name },
    fiat_per_custom_credit: toText(fiatPerUnit),
  })),
  aliases: aliases.map(({ name, startingAt, endingBefore }) => ({
    name,
    ...(startingAt === null ? {} : { starting_at: startingAt }),
    ...(endingBefore === null ? {} : { ending_before: endingBefore }),
  })),
  custom_fields: customFields,
  created_at: card.created_at,
  created_by: card.created_by,
});
