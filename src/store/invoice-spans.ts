import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import type { InvoiceSpan } from "../domain/invoices/breakdown-page.ts";
import { instant } from "../domain/time.ts";
import { INVOICE_COLUMNS, type InvoiceRecord, toInvoiceRecord } from "./invoices.ts";

export interface SpanFilter {
  readonly environmentId: string;
  readonly customerId: string;
  readonly status?: "DRAFT" | "FINALIZED" | undefined;
  readonly creditTypeId?: string | undefined;
  /** Canonical instants: spans that share time with [startingOn, endingBefore). */
  readonly startingOn: string;
  readonly endingBefore: string;
}

/**
 * The time that each of a customer's invoices covers, in no order. Void ones are left out, and those
 * that bill late usage: it is a part of the invoice that they correct.
 */
export async function listInvoiceSpans(
  db: CoreDb,
  { environmentId, customerId, status, creditTypeId, startingOn, endingBefore }: SpanFilter,
): Promise<InvoiceSpan[]> {
  const { rows } = await sql<{ id: string; position: bigint; start: string; end: string }>`
    with spans as (
      select id, position, coalesce(start_at, finalize_due_at) as "start",
        coalesce(end_at, finalize_due_at + interval '1 ms') as "end"
      from invoices
      where environment_id = ${environmentId} and customer_id = ${customerId} and status != 'VOID'
        and corrected_invoice_id is null
        and status = coalesce(${status ?? null}, status)
        and credit_type_id = coalesce(${creditTypeId ?? null}::uuid, credit_type_id))
    select * from spans
    where "start" < ${endingBefore}::timestamptz and "end" > ${startingOn}::timestamptz`.execute(
    db,
  );
  return rows.map(({ id, position, start, end }) => ({
    id,
    position,
    span: { start: instant(start), end: instant(end) },
  }));
}

/** These invoices, by id. */
export async function listInvoicesById(
  db: CoreDb,
  ids: readonly string[],
): Promise<ReadonlyMap<string, InvoiceRecord>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("invoices")
    .select(INVOICE_COLUMNS)
    .where("id", "in", [...ids])
    .execute();
  return new Map(rows.map((row) => [row.id, toInvoiceRecord(row)]));
}
