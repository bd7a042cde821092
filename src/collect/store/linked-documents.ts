import type { Kysely } from "kysely";
import type { CollectDatabase } from "../db/tables.ts";

/** What a link leads to, and whose it is. */
export interface LinkedDocument {
  readonly id: string;
  readonly accountId: string;
  readonly livemode: boolean;
}

/** The invoice, or credit note, behind the unguessable part of a link; undefined: none. */
export async function findLinked(
  db: Kysely<CollectDatabase>,
  table: "invoices" | "credit_notes",
  token: string,
): Promise<LinkedDocument | undefined> {
  const row = await db
    .selectFrom(table)
    .select(["id", "account_id", "livemode"])
    .where("link_token", "=", token)
    .executeTakeFirst();
  return row && { id: row.id, accountId: row.account_id, livemode: row.livemode };
}
