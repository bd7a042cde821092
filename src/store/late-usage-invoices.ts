import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { FrozenInvoice } from "./invoices.ts";
import { INVOICE_COLUMNS, isFrozen, toInvoiceRecord } from "./invoices.ts";

/** The final invoices of these contracts whose late usage may still be billed, oldest first. */
export async function listInvoicesOpenToLateUsage(
  db: CoreDb,
  contractIds: readonly string[],
): Promise<FrozenInvoice[]> {
  const rows = await db
    .selectFrom("invoices")
    .select(INVOICE_COLUMNS)
    .where("contract_id", "in", [...contractIds])
    .where("late_usage_until", "is not", null)
    .where("status", "=", "FINALIZED")
    .orderBy("position")
    .execute();
  return rows.map(toInvoiceRecord).filter(isFrozen);
}

/** Looks for late usage of an invoice until then; null: not any more. */
export async function updateLateUsageUntil(
  tx: CoreTransaction,
  invoiceId: string,
  until: string | null,
): Promise<void> {
  await tx
    .updateTable("invoices")
    .set({ late_usage_until: until })
    .where("id", "=", invoiceId)
    .execute();
}

/** Whether the contract has a usage invoice that is still a draft. */
export async function hasUsageDraft(db: CoreDb, contractId: string): Promise<boolean> {
  const row = await db
    .selectFrom("invoices")
    .select("id")
    .where("contract_id", "=", contractId)
    .where("type", "=", "USAGE")
    .where("status", "=", "DRAFT")
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** A draft that bills late usage of a final invoice, to be frozen in the same transaction. */
export async function insertSupplementaryDraft(
  tx: CoreTransaction,
  corrected: FrozenInvoice,
  draft: { readonly id: string; readonly createdAt: string },
): Promise<void> {
  await tx
    .insertInto("invoices")
    .values({
      id: draft.id,
      environment_id: corrected.environmentId,
      customer_id: corrected.customerId,
      contract_id: corrected.contractId,
      type: "USAGE",
      status: "DRAFT",
      credit_type_id: corrected.creditTypeId,
      start_at: corrected.startAt,
      end_at: corrected.endAt,
      issued_at: null,
      finalize_due_at: draft.createdAt,
      finalized_at: null,
      voided_at: null,
      generation: corrected.generation,
      subtotal: null,
      total: null,
      content_hash: null,
      payment_workflow_id: null,
      corrected_invoice_id: corrected.id,
      created_at: draft.createdAt,
    })
    .execute();
}
