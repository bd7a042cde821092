import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import type { StoredLine } from "../db/tables/invoices.ts";
import { type Decimal, dec } from "../domain/decimal.ts";
import { contentHash } from "../domain/invoices/canonical.ts";
import type { StoredInvoice } from "../domain/invoices/check-invoice.ts";
import type { StoredStep } from "../domain/invoices/stored-step.ts";
import { listCreditedTotals } from "./credit-notes.ts";
import { HASHED_COLUMNS, toHashed } from "./freeze-invoice.ts";

/** A final or void invoice with what is stored of it, as it is stored. */
export interface AuditedInvoice extends StoredInvoice {
  readonly id: string;
  readonly customerId: string;
  readonly position: bigint;
  /** Whether its columns have the hash that was stored with them. */
  readonly isUnchanged: boolean;
}

/** The next invoices of an environment that are final or void, in the order of their creation. */
export async function listStoredInvoices(
  db: CoreDb,
  environmentId: string,
  after: bigint,
  limit: number,
): Promise<AuditedInvoice[]> {
  const rows = await db
    .selectFrom("invoices")
    .select([...HASHED_COLUMNS, "content_hash", "customer_id", "position", "status"])
    .select("credit_type_id")
    .where("environment_id", "=", environmentId)
    .where("status", "!=", "DRAFT")
    .where("position", ">", after as never)
    .orderBy("position")
    .limit(limit)
    .execute();
  const ids = rows.map(({ id }) => id);
  const taken = await listTaken(db, ids);
  const credited = await listCreditedTotals(db, ids);
  return rows.map(
    ({ content_hash, customer_id, position, status, credit_type_id, ...content }) => ({
      id: content.id,
      customerId: customer_id,
      position,
      creditTypeId: credit_type_id,
      subtotal: content.subtotal ?? "0",
      total: content.total ?? "0",
      lines: (content.lines ?? []) as readonly StoredLine[],
      traces: (content.traces ?? {}) as Record<string, StoredStep[]>,
      taken: status === "VOID" ? undefined : (taken.get(content.id) ?? new Map()),
      credited: credited.get(content.id) ?? dec("0"),
      isUnchanged: content_hash === contentHash(toHashed(content)),
    }),
  );
}

async function listTaken(
  db: CoreDb,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, Decimal>>> {
  const { rows } = await sql<{ invoice_id: string; segment_id: string; taken: string }>`
    select invoice_id, segment_id, -sum(amount) as taken from commit_ledger_entries
    where invoice_id = any(${ids}::uuid[]) and credit_note_id is null
      and type <> 'POSTPAID_COMMIT_TRUEUP'
    group by invoice_id, segment_id`.execute(db);
  const byInvoice = Map.groupBy(rows, (row) => row.invoice_id);
  return new Map(
    [...byInvoice].map(([id, own]) => [
      id,
      new Map(own.map((row) => [row.segment_id, dec(row.taken)])),
    ]),
  );
}

/** Segments of an environment that were burned beyond what was ever granted by more than was given back. */
export async function listOverdrawnSegments(
  db: CoreDb,
  environmentId: string,
): Promise<{ segmentId: string; commitId: string; remaining: string }[]> {
  const { rows } = await sql<{ segment_id: string; commit_id: string; remaining: string }>`
    select segment.id as segment_id, segment.commit_id,
      segment.amount + coalesce(sum(entry.amount), 0) as remaining
    from commits join commit_segments segment on segment.commit_id = commits.id
    left join commit_ledger_entries entry on entry.segment_id = segment.id
    where commits.environment_id = ${environmentId}
    group by segment.id
    having segment.amount + coalesce(sum(entry.amount), 0) < 0`.execute(db);
  return rows.map((row) => ({
    segmentId: row.segment_id,
    commitId: row.commit_id,
    remaining: row.remaining,
  }));
}
