import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { StoredStatedUsage } from "../db/tables/invoices.ts";
import { dec, toText } from "../domain/decimal.ts";
import type { ImportedInvoice } from "../domain/invoices/imported-invoice.ts";
import type { InvoiceStatus, RatedInvoice } from "../domain/invoices/invoice.ts";
import type { StatedQuantity } from "../domain/rating/stated-quantity.ts";
import { type Interval, instant, instantText } from "../domain/time.ts";
import { assert } from "../errors.ts";

/** A usage invoice that a contract has had: live or imported, draft, final or void. */
export interface UsageInvoicePeriod {
  readonly id: string;
  readonly contractId: string;
  readonly period: Interval;
  readonly status: InvoiceStatus;
  readonly generation: number;
  readonly imported: boolean;
}

/** Every usage invoice of these contracts. */
export async function listUsageInvoicePeriods(
  db: CoreDb,
  contractIds: readonly string[],
): Promise<UsageInvoicePeriod[]> {
  const rows = await db
    .selectFrom("invoices")
    .select(["id", "contract_id", "start_at", "end_at", "status", "generation", "imported"])
    .where("contract_id", "in", [...contractIds])
    .where("type", "=", "USAGE")
    .orderBy("position")
    .execute();
  return rows.map(({ id, contract_id, start_at, end_at, status, generation, imported }) => {
    assert(start_at !== null && end_at !== null, `usage invoice ${id} has a period`);
    const period = { start: instant(start_at), end: instant(end_at) };
    return { id, contractId: contract_id, period, status, generation, imported };
  });
}

/** The quantities that these imported invoices were made of, by invoice. */
export async function listStatedUsage(
  db: CoreDb,
  invoiceIds: readonly string[],
): Promise<ReadonlyMap<string, readonly StatedQuantity[]>> {
  if (invoiceIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("invoices")
    .select(["id", "stated_usage"])
    .where("id", "in", [...invoiceIds])
    .execute();
  return new Map(rows.map((row) => [row.id, (row.stated_usage ?? []).map(toStatedQuantity)]));
}

const toStatedQuantity = ({ window, quantity, ...stated }: StoredStatedUsage): StatedQuantity => ({
  ...stated,
  window: { start: instant(window.start), end: instant(window.end) },
  quantity: dec(quantity),
});

/** Adds an imported invoice as a draft, to be frozen in the same transaction: it states its usage. */
export async function insertImportedDraft(
  tx: CoreTransaction,
  rated: RatedInvoice,
  { issuedAt, period, granularity, billableStatus, billedTotal }: ImportedInvoice,
  owner: { readonly environmentId: string; readonly createdAt: string },
): Promise<void> {
  await tx
    .insertInto("invoices")
    .values({
      id: rated.id,
      environment_id: owner.environmentId,
      customer_id: rated.customerId,
      contract_id: rated.contractId,
      type: "USAGE",
      status: "DRAFT",
      credit_type_id: rated.creditTypeId,
      start_at: instantText(period.start),
      end_at: instantText(period.end),
      issued_at: null,
      finalize_due_at: instantText(issuedAt),
      finalized_at: null,
      voided_at: null,
      generation: rated.generation,
      subtotal: null,
      total: null,
      content_hash: null,
      payment_workflow_id: null,
      imported: true,
      stated_usage: "[]",
      billable_status: billableStatus,
      billed_total: billedTotal === undefined ? null : toText(billedTotal),
      breakdown_granularity: granularity ?? null,
      created_at: owner.createdAt,
    })
    .execute();
}
