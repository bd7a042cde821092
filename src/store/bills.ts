import { type SqlBool, sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import { notFound } from "../errors.ts";
import { INVOICE_COLUMNS, type InvoiceRecord, toInvoiceRecord } from "./invoices.ts";

/** What the integrations surface calls the state of an invoice; a void one is no bill. */
export const BILL_STATUSES = ["PENDING", "APPROVED"] as const;
export type BillStatus = (typeof BILL_STATUSES)[number];

/** A draft is pending until somebody approves it; what is final counts as approved. */
export const billStatusOf = ({ status, review }: InvoiceRecord): BillStatus =>
  status === "DRAFT" && review.approval === null ? "PENDING" : "APPROVED";

const CONDITIONS = {
  PENDING: sql<SqlBool>`invoices.status = 'DRAFT' and approved_at is null`,
  APPROVED: sql<SqlBool>`(invoices.status <> 'DRAFT' or approved_at is not null)`,
} satisfies Record<BillStatus, unknown>;

/** When it was issued, or will be as far as that is known. */
export const issueTimeOf = (invoice: InvoiceRecord): string =>
  invoice.issuedAt ??
  invoice.review.issueMovedAt ??
  invoice.finalizeDueAt ??
  invoice.endAt ??
  invoice.createdAt;

const ISSUE_AT = sql<string>`coalesce(issued_at, issue_moved_at, finalize_due_at, end_at, invoices.created_at)`;
const BILL_DATE = sql`(${ISSUE_AT})::date`;
const EXTERNAL_DATE = sql`coalesce(external_invoice_date, coalesce(end_at, ${ISSUE_AT})::date)`;

/** Calendar dates; both ends are inclusive. */
export interface DateRange {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface BillFilter {
  readonly environmentId: string;
  readonly customerId?: string | undefined;
  /** Empty = any. */
  readonly ids: readonly string[];
  readonly status?: BillStatus | undefined;
  readonly locked?: boolean | undefined;
  readonly billDate: DateRange;
  readonly externalInvoiceDate: DateRange;
  /** Whose present content this job calculated. */
  readonly billJobId?: string | undefined;
  readonly after: bigint | undefined;
  readonly limit: number;
}

const billsIn = (db: CoreDb, environmentId: string) =>
  db
    .selectFrom("invoices")
    .leftJoin("bill_details", "bill_details.invoice_id", "invoices.id")
    .select(INVOICE_COLUMNS)
    .where("invoices.environment_id", "=", environmentId)
    .where("invoices.status", "!=", "VOID");

/** A page of bills of all accounts, oldest first; one more than asked, to tell whether more follow. */
export async function listBills(db: CoreDb, filter: BillFilter): Promise<InvoiceRecord[]> {
  const { environmentId, customerId, ids, status, locked, billJobId, after, limit } = filter;
  let query = billsIn(db, environmentId)
    .where(within(BILL_DATE, filter.billDate))
    .where(within(EXTERNAL_DATE, filter.externalInvoiceDate))
    .orderBy("invoices.position")
    .limit(limit + 1);
  if (customerId !== undefined) query = query.where("invoices.customer_id", "=", customerId);
  if (ids.length > 0) query = query.where(sql<SqlBool>`invoices.id = any(${ids}::uuid[])`);
  if (status !== undefined) query = query.where(CONDITIONS[status]);
  if (locked !== undefined) query = query.where("locked_at", locked ? "is not" : "is", null);
  if (billJobId !== undefined) {
    query = query.where(
      sql<SqlBool>`exists (select from bill_calculations calculation
        where calculation.invoice_id = invoices.id and bill_job_id = ${billJobId})`,
    );
  }
  if (after !== undefined) query = query.where("invoices.position", ">", after as never);
  return (await query.execute()).map(toInvoiceRecord);
}

function within(date: typeof BILL_DATE, { from, to }: DateRange) {
  if (from === undefined && to === undefined) return sql<SqlBool>`true`;
  return sql<SqlBool>`${date} between coalesce(${from ?? null}::date, '-infinity')
    and coalesce(${to ?? null}::date, 'infinity')`;
}

/** A bill of the environment: an invoice that is not void. Throws not_found. */
export async function getBill(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<InvoiceRecord> {
  const row = await billsIn(db, environmentId).where("invoices.id", "=", id).executeTakeFirst();
  if (row === undefined) throw notFound("bill", id);
  return toInvoiceRecord(row);
}

/** The customer's bill that began last: what is scheduled for later is not looked at. */
export async function findLatestBill(
  db: CoreDb,
  environmentId: string,
  customerId: string,
  now: string,
): Promise<InvoiceRecord | undefined> {
  const beganAt = sql`coalesce(start_at, ${ISSUE_AT})`;
  const row = await billsIn(db, environmentId)
    .where("invoices.customer_id", "=", customerId)
    .where(sql<SqlBool>`${beganAt} <= ${now}::timestamptz`)
    .orderBy(beganAt, "desc")
    .orderBy("invoices.position", "desc")
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : toInvoiceRecord(row);
}

/** Drafts that wait for approval, of these customers, whose period has ended. */
export async function listPendingBillIds(
  db: CoreDb,
  environmentId: string,
  customerIds: readonly string[],
  { now, limit }: { readonly now: string; readonly limit: number },
): Promise<string[]> {
  const rows = await db
    .selectFrom("invoices")
    .select("invoices.id")
    .where("environment_id", "=", environmentId)
    .where(sql<SqlBool>`customer_id = any(${customerIds}::uuid[])`)
    .where(CONDITIONS.PENDING)
    .where(sql<SqlBool>`coalesce(end_at, ${ISSUE_AT}) <= ${now}::timestamptz`)
    .orderBy("position")
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}
