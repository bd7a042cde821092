import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { UsageReportsTable } from "../db/tables/usage-reports.ts";
import type { ReportPart } from "../domain/usage-reports/usage-report.ts";
import { notFound } from "../errors.ts";

export const REPORT_STATUSES = ["PENDING", "SENT", "EXPIRED", "UNKNOWN"] as const;
export type ReportStatus = (typeof REPORT_STATUSES)[number];

/** One record at a provider that bills by usage. Instants are canonical text. */
export interface UsageReport {
  readonly id: string;
  readonly customerId: string;
  readonly configurationId: string;
  readonly connectionId: string;
  readonly provider: string;
  readonly batchKey: string;
  readonly record: Readonly<Record<string, unknown>>;
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly deadlineAt: string;
  readonly quantity: bigint;
  /** What of which invoice: together the quantity. */
  readonly parts: readonly ReportPart[];
  readonly status: ReportStatus;
  readonly maybeAccepted: boolean;
  readonly attempts: number;
  readonly recordId: string | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly sentAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly position: bigint;
}

const fromRow = (row: Selectable<UsageReportsTable>): UsageReport => ({
  id: row.id,
  customerId: row.customer_id,
  configurationId: row.configuration_id,
  connectionId: row.connection_id,
  provider: row.provider,
  batchKey: row.batch_key,
  record: row.record,
  windowStart: row.window_start,
  windowEnd: row.window_end,
  deadlineAt: row.deadline_at,
  quantity: row.quantity,
  parts: row.parts.map(({ invoiceId, amountMinor }) => ({
    invoiceId,
    amountMinor: BigInt(amountMinor),
  })),
  status: row.status,
  maybeAccepted: row.maybe_accepted,
  attempts: row.attempts,
  recordId: row.record_id,
  errorCode: row.error_code,
  errorMessage: row.error_message,
  sentAt: row.sent_at,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  position: row.position,
});

type Planned = "customerId" | "configurationId" | "connectionId" | "provider" | "batchKey";
type PlannedUsage =
  | "record"
  | "windowStart"
  | "windowEnd"
  | "deadlineAt"
  | "quantity"
  | "parts"
  | "createdAt";

/** Keeps a report that is to be sent. */
export async function insertReport(
  tx: CoreTransaction,
  environmentId: string,
  report: Pick<UsageReport, Planned | PlannedUsage>,
): Promise<void> {
  await tx
    .insertInto("usage_reports")
    .values({
      environment_id: environmentId,
      customer_id: report.customerId,
      configuration_id: report.configurationId,
      connection_id: report.connectionId,
      provider: report.provider,
      batch_key: report.batchKey,
      record: JSON.stringify(report.record),
      window_start: report.windowStart,
      window_end: report.windowEnd,
      deadline_at: report.deadlineAt,
      quantity: report.quantity,
      parts: JSON.stringify(
        report.parts.map(({ invoiceId, amountMinor }) => ({
          invoiceId,
          amountMinor: String(amountMinor),
        })),
      ),
      record_id: null,
      error_code: null,
      error_message: null,
      sent_at: null,
      created_at: report.createdAt,
      updated_at: report.createdAt,
    })
    .execute();
}

/** The oldest reports that wait for the same calls, held until the transaction ends. */
export async function lockPendingReports(
  tx: CoreTransaction,
  connectionId: string,
  batchKey: string,
  except: readonly string[],
  limit: number,
): Promise<UsageReport[]> {
  const rows = await tx
    .selectFrom("usage_reports")
    .selectAll()
    .where("connection_id", "=", connectionId)
    .where("batch_key", "=", batchKey)
    .where("status", "=", "PENDING")
    .where(sql<boolean>`id <> all(${except}::uuid[])`)
    .orderBy("position")
    .limit(limit)
    .forUpdate()
    .execute();
  return rows.map(fromRow);
}

export interface ReportChange {
  readonly status?: ReportStatus;
  readonly maybeAccepted?: boolean;
  readonly attempts?: number;
  readonly recordId?: string;
  readonly errorCode?: string | null;
  readonly errorMessage?: string | null;
  readonly sentAt?: string;
  readonly updatedAt: string;
}

/** Changes a report that still has the status; false: somebody else settled it meanwhile. */
export async function updateReport(
  tx: CoreTransaction,
  id: string,
  from: ReportStatus,
  change: ReportChange,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable("usage_reports")
    .set({
      updated_at: change.updatedAt,
      ...(change.status === undefined ? {} : { status: change.status }),
      ...(change.maybeAccepted === undefined ? {} : { maybe_accepted: change.maybeAccepted }),
      ...(change.attempts === undefined ? {} : { attempts: change.attempts }),
      ...(change.recordId === undefined ? {} : { record_id: change.recordId }),
      ...(change.errorCode === undefined ? {} : { error_code: change.errorCode }),
      ...(change.errorMessage === undefined ? {} : { error_message: change.errorMessage }),
      ...(change.sentAt === undefined ? {} : { sent_at: change.sentAt }),
    })
    .where("id", "=", id)
    .where("status", "=", from)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export interface ReportFilter {
  readonly environmentId: string;
  readonly status: ReportStatus | undefined;
  readonly customerId: string | undefined;
  readonly after: bigint | undefined;
  readonly limit: number;
}

/** Reports in the order in which they were planned; one more than asked, to tell whether more follow. */
export async function listReports(
  db: CoreDb,
  { environmentId, status, customerId, after, limit }: ReportFilter,
): Promise<UsageReport[]> {
  let query = db
    .selectFrom("usage_reports")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .orderBy("position")
    .limit(limit + 1);
  if (status !== undefined) query = query.where("status", "=", status);
  if (customerId !== undefined) query = query.where("customer_id", "=", customerId);
  if (after !== undefined) query = query.where("position", ">", after as never);
  return (await query.execute()).map(fromRow);
}

/** A report of the environment. Throws not found. */
export async function getReport(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<UsageReport> {
  const row = await db
    .selectFrom("usage_reports")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .executeTakeFirst();
  if (row === undefined) throw notFound("usage report", id);
  return fromRow(row);
}
