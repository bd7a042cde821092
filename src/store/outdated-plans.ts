import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";

/** The contracts with a child that has not begun and is planned on another basis than holds now. */
export async function listContractsPlannedOtherwise(
  db: CoreDb,
  { environmentId, now }: { readonly environmentId: string; readonly now: string },
): Promise<readonly { readonly customerId: string; readonly contractId: string }[]> {
  const { rows } = await sql<{ customer_id: string; contract_id: string }>`
    select distinct commits.customer_id, commits.contract_id
    from commits join environments on environments.id = commits.environment_id
    where environments.id = ${environmentId} and commits.contract_id is not null
      and commits.archived_at is null
      and (recurring_plan->'active'->>'start')::timestamptz > ${now}::timestamptz
      and recurring_plan->>'basis' <> environments.proration_basis
    order by 1, 2`.execute(db);
  return rows.map((row) => ({ customerId: row.customer_id, contractId: row.contract_id }));
}
