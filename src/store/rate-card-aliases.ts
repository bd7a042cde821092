import { sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";

/** A name by which contracts find a card; null ends are open. */
export interface RateCardAlias {
  readonly name: string;
  readonly startingAt: string | null;
  readonly endingBefore: string | null;
}

/** The aliases of these cards in the order of their assignment, by card. */
export async function listAliases(
  db: CoreDb,
  rateCardIds: readonly string[],
): Promise<ReadonlyMap<string, readonly RateCardAlias[]>> {
  if (rateCardIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("rate_card_aliases")
    .select(["rate_card_id", "name", "starting_at as startingAt", "ending_before as endingBefore"])
    .where("rate_card_id", "in", [...rateCardIds])
    .orderBy("position")
    .execute();
  const byCard = Map.groupBy(rows, (row) => row.rate_card_id);
  return new Map(
    [...byCard].map(([id, aliases]) => [id, aliases.map(({ rate_card_id: _, ...alias }) => alias)]),
  );
}

const aliasKey = (alias: RateCardAlias): string =>
  JSON.stringify([alias.name, alias.startingAt, alias.endingBefore]);

/**
 * Makes these the aliases of a card. Those that it has already keep their place in the order of
 * assignment, which decides between cards.
 */
export async function updateAliases(
  tx: CoreTransaction,
  card: { id: string; environmentId: string },
  aliases: readonly RateCardAlias[],
): Promise<void> {
  const had = (await listAliases(tx, [card.id])).get(card.id) ?? [];
  const hadKeys = new Set(had.map(aliasKey));
  const wanted = new Set(aliases.map(aliasKey));
  for (const alias of had.filter((old) => !wanted.has(aliasKey(old)))) {
    await tx
      .deleteFrom("rate_card_aliases")
      .where("rate_card_id", "=", card.id)
      .where("name", "=", alias.name)
      .where(sql<boolean>`starting_at is not distinct from ${alias.startingAt}::timestamptz`)
      .where(sql<boolean>`ending_before is not distinct from ${alias.endingBefore}::timestamptz`)
      .execute();
  }
  for (const alias of aliases.filter((alias) => !hadKeys.has(aliasKey(alias)))) {
    await tx
      .insertInto("rate_card_aliases")
      .values({
        rate_card_id: card.id,
        environment_id: card.environmentId,
        name: alias.name,
        starting_at: alias.startingAt,
        ending_before: alias.endingBefore,
      })
      .execute();
  }
}

/** The card that bears a name at an instant: of several the one it was assigned to last. */
export async function findRateCardByAlias(
  db: CoreDb,
  key: { environmentId: string; name: string; at: string },
): Promise<string | undefined> {
  const row = await db
    .selectFrom("rate_card_aliases as alias")
    .innerJoin("rate_cards as card", "card.id", "alias.rate_card_id")
    .select("card.id")
    .where("alias.environment_id", "=", key.environmentId)
    .where("alias.name", "=", key.name)
    .where("card.archived_at", "is", null)
    .where((where) =>
      where.or([
        where("alias.starting_at", "is", null),
        where("alias.starting_at", "<=", sql<string>`${key.at}::timestamptz`),
      ]),
    )
    .where((where) =>
      where.or([
        where("alias.ending_before", "is", null),
        where("alias.ending_before", ">", sql<string>`${key.at}::timestamptz`),
      ]),
    )
    .orderBy("alias.position", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.id;
}
