import { sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { InvoiceType } from "../domain/invoices/invoice.ts";
import { type Interval, instant } from "../domain/time.ts";
import { INVOICE_COLUMNS, type InvoiceRecord, toInvoiceRecord } from "./invoices.ts";

/** A draft to add. Instants are canonical text. */
export interface NewDraft {
  readonly id: string;
  readonly environmentId: string;
  readonly customerId: string;
  readonly contractId: string;
  readonly type: InvoiceType;
  readonly creditTypeId: string;
  readonly startAt: string | null;
  readonly endAt: string | null;
  /** The scheduled instant; null for USAGE, whose grace is known when its period has ended. */
  readonly finalizeDueAt: string | null;
  readonly generation: number;
  readonly createdAt: string;
}

/** Keeps a statement far below the 65,535 parameters that Postgres allows. */
const ROWS_PER_STATEMENT = 1000;

/**
 * Adds the drafts that do not exist yet. A usage draft whose period has a new end takes it over;
 * everything else stays as it is.
 */
export async function upsertDrafts(
  tx: CoreTransaction,
  drafts: readonly NewDraft[],
): Promise<void> {
  for (let start = 0; start < drafts.length; start += ROWS_PER_STATEMENT) {
    await tx
      .insertInto("invoices")
      .values(drafts.slice(start, start + ROWS_PER_STATEMENT).map(toColumns))
      .onConflict((conflict) =>
        conflict
          .column("id")
          .doUpdateSet((eb) => ({ end_at: eb.ref("excluded.end_at"), finalize_due_at: null }))
          .where("invoices.type", "=", "USAGE")
          .where("invoices.status", "=", "DRAFT")
          .where((eb) => eb("invoices.end_at", "is distinct from", eb.ref("excluded.end_at"))),
      )
      .execute();
  }
}

const toColumns = (draft: NewDraft) => ({
  id: draft.id,
  environment_id: draft.environmentId,
  customer_id: draft.customerId,
  contract_id: draft.contractId,
  type: draft.type,
  status: "DRAFT" as const,
  credit_type_id: draft.creditTypeId,
  start_at: draft.startAt,
  end_at: draft.endAt,
  issued_at: null,
  finalize_due_at: draft.finalizeDueAt,
  finalized_at: null,
  voided_at: null,
  generation: draft.generation,
  subtotal: null,
  total: null,
  content_hash: null,
  payment_workflow_id: null,
  created_at: draft.createdAt,
});

/** Takes away the contract's usage drafts whose period is none of its term any more. */
export async function deleteUsageDraftsOutside(
  tx: CoreTransaction,
  contractId: string,
  periodStarts: readonly string[],
): Promise<void> {
  await tx
    .deleteFrom("invoices")
    .where("contract_id", "=", contractId)
    .where("type", "=", "USAGE")
    .where("status", "=", "DRAFT")
    .where("start_at", "!=", sql<string>`all(${periodStarts}::timestamptz[])`)
    .execute();
}

/** Takes away the contract's scheduled drafts at instants where nothing is scheduled any more. */
export async function deleteScheduledDraftsOutside(
  tx: CoreTransaction,
  contractId: string,
  instants: readonly string[],
): Promise<void> {
  await tx
    .deleteFrom("invoices")
    .where("contract_id", "=", contractId)
    .where("type", "=", "SCHEDULED")
    .where("status", "=", "DRAFT")
    .where("finalize_due_at", "!=", sql<string>`all(${instants}::timestamptz[])`)
    .execute();
}

/** Takes away every draft of a contract: it was archived. */
export async function deleteDrafts(tx: CoreTransaction, contractId: string): Promise<void> {
  await tx
    .deleteFrom("invoices")
    .where("contract_id", "=", contractId)
    .where("status", "=", "DRAFT")
    .execute();
}

/**
 * Fixes when the drafts of periods that have ended are finalized: their end plus the grace that
 * holds now. Answers those that were fixed by this call.
 */
export async function closeEndedPeriods(
  tx: CoreTransaction,
  contractId: string,
  now: string,
): Promise<{ id: string; finalizeDueAt: string }[]> {
  const { rows } = await sql<{ id: string; finalize_due_at: string }>`
    update invoices set finalize_due_at = end_at + make_interval(hours => grace_period_hours)
    from environments
    where environments.id = invoices.environment_id and contract_id = ${contractId}
      and type = 'USAGE' and status = 'DRAFT' and finalize_due_at is null
      and end_at <= ${now}::timestamptz
    returning invoices.id, finalize_due_at`.execute(tx);
  return rows.map((row) => ({ id: row.id, finalizeDueAt: row.finalize_due_at }));
}

/** The customer's drafts in the order of their creation. */
export async function listDrafts(db: CoreDb, customerId: string): Promise<InvoiceRecord[]> {
  const rows = await db
    .selectFrom("invoices")
    .select(INVOICE_COLUMNS)
    .where("customer_id", "=", customerId)
    .where("status", "=", "DRAFT")
    .orderBy("position")
    .execute();
  return rows.map(toInvoiceRecord);
}

/** The environment's drafts that have a due time, in the order of their creation. */
export async function listDueDrafts(db: CoreDb, environmentId: string): Promise<InvoiceRecord[]> {
  const rows = await db
    .selectFrom("invoices")
    .select(INVOICE_COLUMNS)
    .where("environment_id", "=", environmentId)
    .where("status", "=", "DRAFT")
    .where((eb) => eb.fn.coalesce("issue_moved_at", "finalize_due_at"), "is not", null)
    .orderBy("position")
    .execute();
  return rows.map(toInvoiceRecord);
}

/** Instants at which the contract has SCHEDULED invoices, with the highest generation of each. */
export async function listScheduledSlots(
  db: CoreDb,
  contractId: string,
): Promise<ReadonlyMap<string, { generation: number; isOpen: boolean }>> {
  const { rows } = await sql<{ at: string; generation: number; is_open: boolean }>`
    select finalize_due_at as at, max(generation) as generation, bool_or(status = 'DRAFT') as is_open
    from invoices where contract_id = ${contractId} and type = 'SCHEDULED'
      and payment_workflow_id is null
    group by finalize_due_at`.execute(db);
  return new Map(rows.map((row) => [row.at, { generation: row.generation, isOpen: row.is_open }]));
}

/** The contract's periods whose invoice is no draft any more. */
export async function listClosedPeriods(db: CoreDb, contractId: string): Promise<Interval[]> {
  const rows = await db
    .selectFrom("invoices")
    .select(["start_at", "end_at"])
    .where("contract_id", "=", contractId)
    .where("type", "=", "USAGE")
    .where("status", "!=", "DRAFT")
    .execute();
  return rows.flatMap(({ start_at: start, end_at: end }) =>
    start === null || end === null ? [] : [{ start: instant(start), end: instant(end) }],
  );
}

/** The scheduled items of these contracts that finalized invoices bill. */
export const listInvoicedItems = async (
  db: CoreDb,
  contractIds: readonly string[],
): Promise<ReadonlySet<string>> => new Set((await listItemInvoices(db, contractIds)).keys());

/** The same, each with the invoice that bills it. */
export async function listItemInvoices(
  db: CoreDb,
  contractIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (contractIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("invoiced_schedule_items")
    .select(["schedule_item_id", "invoice_id"])
    .where("contract_id", "in", [...contractIds])
    .execute();
  return new Map(rows.map((row) => [row.schedule_item_id, row.invoice_id]));
}
