import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import { inTransaction } from "../platform/database/database.ts";

/** "2023-11" of a canonical instant. */
export const monthOf = (instantText: string): string => instantText.slice(0, 7);

function boundsOf(month: string): { start: string; end: string } {
  const [year = 0, number = 0] = month.split("-").map(Number);
  const next = number === 12 ? [year + 1, 1] : [year, number + 1];
  const [nextYear = 0, nextNumber = 0] = next;
  const end = `${String(nextYear).padStart(4, "0")}-${String(nextNumber).padStart(2, "0")}`;
  return { start: `${month}-01T00:00:00Z`, end: `${end}-01T00:00:00Z` };
}

/**
 * Makes the partitions of these months ("2023-11") that do not exist yet. Attaching, unlike
 * creating in place, lets other months be read and written meanwhile; the lock lets one of several
 * processes do it.
 */
export async function ensureUsageMonths(db: CoreDb, months: Iterable<string>): Promise<void> {
  await inTransaction(db, async (tx) => {
    for (const month of [...months].sort()) {
      const name = `usage_events_${month.replace("-", "_")}`;
      const table = sql.table(name);
      // Not to_regclass: it may answer from what the session knew before it waited for the lock.
      const exists = sql<{ found: boolean }>`select exists (select from pg_inherits
        join pg_class on pg_class.oid = inhrelid
        where inhparent = 'usage_events'::regclass and relname = ${name}) as found`;
      if ((await exists.execute(tx)).rows[0]?.found) continue;
      await sql`select pg_advisory_xact_lock(hashtextextended('usage-partitions', 0))`.execute(tx);
      if ((await exists.execute(tx)).rows[0]?.found) continue;
      const { start, end } = boundsOf(month);
      await sql`create table ${table} (like usage_events including defaults)`.execute(tx);
      await sql`alter table usage_events attach partition ${table}
        for values from (${sql.lit(start)}) to (${sql.lit(end)})`.execute(tx);
    }
  });
}
