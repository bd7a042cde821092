import type { CoreDb, CoreTransaction } from "../db/database.ts";
import { dec } from "../domain/decimal.ts";
import type { UnitConversion } from "../domain/pricing-unit.ts";

/** A conversion to add; decimals are text. */
export interface NewConversion {
  readonly unitId: string;
  readonly fiatPerUnit: string;
}

/** Adds conversions to a card, which must have none of these units yet. */
export async function insertConversions(
  tx: CoreTransaction,
  rateCardId: string,
  conversions: readonly NewConversion[],
): Promise<void> {
  if (conversions.length === 0) return;
  await tx
    .insertInto("rate_card_conversions")
    .values(
      conversions.map(({ unitId, fiatPerUnit }) => ({
        rate_card_id: rateCardId,
        unit_id: unitId,
        fiat_per_unit: fiatPerUnit,
      })),
    )
    .execute();
}

/** The conversions of these cards, by card, in the order of their addition. */
export async function listConversions(
  db: CoreDb,
  rateCardIds: readonly string[],
): Promise<ReadonlyMap<string, readonly UnitConversion[]>> {
  if (rateCardIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("rate_card_conversions")
    .innerJoin("pricing_units", "pricing_units.id", "rate_card_conversions.unit_id")
    .select(["rate_card_id", "unit_id", "name", "fiat_per_unit"])
    .where("rate_card_id", "in", [...new Set(rateCardIds)])
    .orderBy("rate_card_conversions.position")
    .execute();
  const byCard = Map.groupBy(rows, (row) => row.rate_card_id);
  return new Map(
    [...byCard].map(([cardId, own]) => [
      cardId,
      own.map((row) => ({
        unit: { id: row.unit_id, name: row.name },
        fiatPerUnit: dec(row.fiat_per_unit),
      })),
    ]),
  );
}
