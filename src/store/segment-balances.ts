import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import { type Decimal, dec } from "../domain/decimal.ts";

/** What is left of each of these segments by posted entries, at whatever time. */
export async function servableBalances(
  db: CoreDb,
  segmentIds: readonly string[],
): Promise<ReadonlyMap<string, Decimal>> {
  if (segmentIds.length === 0) return new Map();
  const { rows } = await sql<{ id: string; remaining: string }>`
    select segment.id, segment.amount + coalesce(sum(entry.amount), 0) as remaining
    from commit_segments segment
    left join commit_ledger_entries entry on entry.segment_id = segment.id
    where segment.id = any(${segmentIds}::uuid[])
    group by segment.id`.execute(db);
  return new Map(rows.map((row) => [row.id, dec(row.remaining)]));
}
