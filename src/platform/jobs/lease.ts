import { type Kysely, sql } from "kysely";
import { isOwnerGone } from "../database/session-owner.ts";
import type { Job, JobTable } from "./job-table.ts";

/** What a claim puts on a job: nobody else takes it for so long. */
export interface Lease {
  readonly token: string;
  readonly seconds: number;
}

/** Prolongs a lease while its handler runs. False when it was lost: another worker has the job. */
export async function renewLease<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  id: bigint,
  lease: Lease,
): Promise<boolean> {
  const { numAffectedRows } = await sql`update ${sql.table(table)} set
    lease_until = clock_timestamp() + make_interval(secs => ${lease.seconds})
    where id = ${id} and lease_token = ${lease.token}::uuid`.execute(db);
  return numAffectedRows === 1n;
}

/**
 * Holds a job until the transaction ends. False when another worker has it by now, or has done it: what
 * the caller found out about it is then out of date.
 */
export async function holdJob<Tables>(
  tx: Kysely<Tables>,
  table: JobTable,
  { id, leaseToken }: Pick<Job, "id" | "leaseToken">,
): Promise<boolean> {
  const { rows } = await sql`select 1 from ${sql.table(table)}
    where id = ${id} and lease_token = ${leaseToken}::uuid for update`.execute(tx);
  return rows.length > 0;
}

/**
 * Takes back the leases of processes that are gone, so that their jobs run at once instead of when
 * the leases run out. Safe at any time and from any process: a lease that was taken back wrongly
 * costs a second run, and the first one's result is fenced off by its token.
 */
export async function releaseDeadLeases<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
): Promise<void> {
  await sql`update ${sql.table(table)} set lease_until = clock_timestamp() - interval '1 second'
    where lease_token is not null and lease_until >= clock_timestamp()
      and ${isOwnerGone("lease_owner")}`.execute(db);
}
