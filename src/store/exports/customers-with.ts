import { sql } from "kysely";
import type { CoreDb } from "../../db/database.ts";

/** The next customers of an environment, by id, that have drafts or commits. */
export async function listCustomersWith(
  db: CoreDb,
  environmentId: string,
  what: "drafts" | "commits",
  after: string | undefined,
  limit: number,
): Promise<string[]> {
  const from = what === "drafts" ? sql`invoices` : sql`commits`;
  const only = what === "drafts" ? sql`and status = 'DRAFT'` : sql``;
  const { rows } = await sql<{ customer_id: string }>`select distinct customer_id from ${from}
    where environment_id = ${environmentId} ${only}
    ${after === undefined ? sql`` : sql`and customer_id > ${after}::uuid`}
    order by customer_id limit ${limit}`.execute(db);
  return rows.map((row) => row.customer_id);
}
