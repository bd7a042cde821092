import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { RateCardsTable } from "../db/tables/rate-cards.ts";
import { notFound } from "../errors.ts";

export type RateCardRow = Selectable<RateCardsTable>;
export type NewRateCard = Omit<RateCardRow, "id" | "position" | "archived_at">;

/** Adds a rate card and returns its id. */
export async function insertRateCard(tx: CoreTransaction, card: NewRateCard): Promise<string> {
  const { id } = await tx
    .insertInto("rate_cards")
    .values({ ...card, archived_at: null })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

/** A rate card, archived or not. Throws not found. */
export async function getRateCard(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<RateCardRow> {
  const row = await db
    .selectFrom("rate_cards")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .executeTakeFirst();
  if (row === undefined) throw notFound("rate card", id);
  return row;
}

/** As getRateCard; keeps others from changing the card until the transaction ends. */
export async function lockRateCard(
  tx: CoreTransaction,
  environmentId: string,
  id: string,
): Promise<RateCardRow> {
  const row = await tx
    .selectFrom("rate_cards")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw notFound("rate card", id);
  return row;
}

/** Rate cards in the order of their creation, without archived ones. */
export async function listRateCards(
  db: CoreDb,
  filter: { environmentId: string; after: bigint | undefined; limit: number },
): Promise<RateCardRow[]> {
  return db
    .selectFrom("rate_cards")
    .selectAll()
    .where("environment_id", "=", filter.environmentId)
    .where("archived_at", "is", null)
    .$if(filter.after !== undefined, (query) => query.where("position", ">", filter.after ?? 0n))
    .orderBy("position")
    .limit(filter.limit)
    .execute();
}

/** Changes what is given and leaves the rest. */
export async function updateRateCard(
  tx: CoreTransaction,
  id: string,
  changes: { name?: string | undefined; description?: string | undefined },
): Promise<void> {
  if (changes.name === undefined && changes.description === undefined) return;
  await tx
    .updateTable("rate_cards")
    .set({
      ...(changes.name === undefined ? {} : { name: changes.name }),
      ...(changes.description === undefined ? {} : { description: changes.description }),
    })
    .where("id", "=", id)
    .execute();
}

/** Archives a card; one that is archived keeps its time. */
export async function archiveRateCard(tx: CoreTransaction, id: string, at: string): Promise<void> {
  await tx
    .updateTable("rate_cards")
    .set({ archived_at: sql`coalesce(archived_at, ${at}::timestamptz)` })
    .where("id", "=", id)
    .execute();
}
