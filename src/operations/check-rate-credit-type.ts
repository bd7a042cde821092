import type { CoreDb } from "../db/database.ts";
import { listConversions } from "../store/rate-card-conversions.ts";
import type { RateCardRow } from "../store/rate-cards.ts";
import { listRatedCreditTypes } from "../store/rates.ts";
import type { AddRate } from "./add-rates.ts";
import type { Refuse } from "./check-tiers.ts";

/** Answers what a new rate is in, or refuses it. A rate counts for those that are asked about next. */
export type RateCreditType = (
  rate: Pick<AddRate, "productId" | "price" | "creditTypeId">,
  refuse: Refuse,
) => string;

/**
 * What new rates of a card may be in: the card's currency, or a pricing unit that it has a conversion
 * of. All prices of a product on one card are in the same (Metronome docs: "Pricing units").
 */
export async function openRateCreditTypes(
  db: CoreDb,
  { id, fiat_credit_type_id: fiat }: RateCardRow,
): Promise<RateCreditType> {
  const conversions = (await listConversions(db, [id])).get(id) ?? [];
  const units = new Set(conversions.map(({ unit }) => unit.id));
  const pricedIn = new Map(await listRatedCreditTypes(db, id));
  return ({ productId, price, creditTypeId = fiat }, refuse) => {
    if (price.type === "PERCENTAGE") return fiat;
    if (creditTypeId !== fiat && !units.has(creditTypeId)) {
      throw refuse(
        "credit_type_id",
        "must be the rate card's currency, or a pricing unit that it has a conversion of",
      );
    }
    if ((pricedIn.get(productId) ?? creditTypeId) !== creditTypeId) {
      throw refuse("credit_type_id", "cannot change: the card prices the product in another one");
    }
    pricedIn.set(productId, creditTypeId);
    return creditTypeId;
  };
}
