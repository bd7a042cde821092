import { type SqlBool, sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import type { InvoiceStatus, InvoiceType } from "../domain/invoices/invoice.ts";
import { instant } from "../domain/time.ts";
import { INVOICE_COLUMNS, type InvoiceRecord, toInvoiceRecord } from "./invoices.ts";

/** Where a page ends: the date the list is sorted by, then the order of creation. */
export interface InvoiceCursor {
  readonly at: string;
  readonly position: bigint;
}

export interface InvoiceFilter {
  readonly environmentId: string;
  readonly customerId: string;
  readonly status?: InvoiceStatus | undefined;
  readonly type?: InvoiceType | undefined;
  readonly contractId?: string | undefined;
  readonly creditTypeId?: string | undefined;
  readonly imported?: boolean | undefined;
  /** Canonical instants: periods that start at or after, and end at or before. */
  readonly startingOn?: string | undefined;
  readonly endingBefore?: string | undefined;
  readonly newestFirst?: boolean;
  readonly after?: InvoiceCursor | undefined;
  readonly limit: number;
}

export interface InvoicePage {
  readonly invoices: readonly InvoiceRecord[];
  readonly next: InvoiceCursor | undefined;
}

/** When it was issued, or will be as far as that is known. */
const ISSUE_AT = sql<string>`coalesce(issued_at, issue_moved_at, finalize_due_at, end_at)`;

/** A customer's invoices, a page of them, by date of issue. */
export async function listInvoices(db: CoreDb, filter: InvoiceFilter): Promise<InvoicePage> {
  const { status, type, contractId, creditTypeId, limit } = filter;
  const direction = filter.newestFirst ? "desc" : "asc";
  let query = db
    .selectFrom("invoices")
    .select(INVOICE_COLUMNS)
    .select(ISSUE_AT.as("issue_at"))
    .where("environment_id", "=", filter.environmentId)
    .where("customer_id", "=", filter.customerId)
    .where(inWindow(filter))
    .where(afterCursor(filter));
  if (status !== undefined) query = query.where("status", "=", status);
  if (type !== undefined) query = query.where("type", "=", type);
  if (contractId !== undefined) query = query.where("contract_id", "=", contractId);
  if (creditTypeId !== undefined) query = query.where("credit_type_id", "=", creditTypeId);
  if (filter.imported !== undefined) query = query.where("imported", "=", filter.imported);
  const rows = await query
    .orderBy(ISSUE_AT, direction)
    .orderBy("position", direction)
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    invoices: page.map(toInvoiceRecord),
    next: last && { at: last.issue_at, position: last.position },
  };
}

const afterCursor = ({ after, newestFirst }: InvoiceFilter) => {
  if (after === undefined) return sql<SqlBool>`true`;
  const cursor = sql`(${after.at}::timestamptz, ${after.position}::bigint)`;
  return newestFirst
    ? sql<SqlBool>`(${ISSUE_AT}, position) < ${cursor}`
    : sql<SqlBool>`(${ISSUE_AT}, position) > ${cursor}`;
};

const ONE_DAY_MS = 86_400_000;

/**
 * Usage invoices match by their period, which must lie in the window; scheduled ones, which have no
 * period, by their date of issue. A window of a day or less cannot hold a period: it asks for what
 * was finalized or issued on that day, as integrations do on an invoice.finalized webhook.
 */
function inWindow({ startingOn: from, endingBefore: to }: InvoiceFilter) {
  if (from === undefined && to === undefined) return sql<SqlBool>`true`;
  const start = sql`coalesce(${from ?? null}::timestamptz, '-infinity')`;
  const end = sql`coalesce(${to ?? null}::timestamptz, 'infinity')`;
  const within = (column: string) =>
    sql`(${sql.ref(column)} >= ${start} and ${sql.ref(column)} < ${end})`;
  const scheduled = sql`(type = 'SCHEDULED' and ${ISSUE_AT} >= ${start} and ${ISSUE_AT} < ${end})`;
  const usage = sql`(type = 'USAGE' and start_at >= ${start} and end_at <= ${end})`;
  if (from === undefined || to === undefined || !isOneDay(from, to)) {
    return sql<SqlBool>`(${usage} or ${scheduled})`;
  }
  return sql<SqlBool>`(${usage} or ${scheduled} or ${within("finalized_at")} or ${within("issued_at")})`;
}

const isOneDay = (from: string, to: string): boolean =>
  instant(to).epochMilliseconds - instant(from).epochMilliseconds <= ONE_DAY_MS;
