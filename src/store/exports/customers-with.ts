import { sql } from "kysely";
import type { CoreDb } from "../../db/database.ts";

/** The next customers of an environment, by id, that have drafts, commits or contracts. */
export async function listCustomersWith(
  db: CoreDb,
  environmentId: string,
  what: "drafts" | "commits" | "contracts",
  after: string | undefined,
  limit: number,
): Promise<string[]> {
  const from = sql.table(what === "drafts" ? "invoices" : what);
  const only = what === "drafts" ? sql`and status = 'DRAFT'` : sql``;
  const { rows } = await sql<{ customer_id: string }>`select distinct customer_id from ${from}
    where environment_id = ${environmentId} ${only}
    ${after === undefined ? sql`` : sql`and customer_id > ${after}::uuid`}
    order by customer_id limit ${limit}`.execute(db);
  return rows.map((row) => row.customer_id);
}
