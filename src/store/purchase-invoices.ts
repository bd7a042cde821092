import type { CoreTransaction } from "../db/database.ts";
import type { RatedInvoice } from "../domain/invoices/invoice.ts";
import { instantText } from "../domain/time.ts";

/** Adds the invoice of a purchase as a draft, to be frozen in the same transaction. */
export async function insertPurchaseDraft(
  tx: CoreTransaction,
  invoice: RatedInvoice,
  owner: { readonly environmentId: string; readonly workflowId: string },
): Promise<void> {
  const at = instantText(invoice.dueAt);
  await tx
    .insertInto("invoices")
    .values({
      id: invoice.id,
      environment_id: owner.environmentId,
      customer_id: invoice.customerId,
      contract_id: invoice.contractId,
      type: "SCHEDULED",
      status: "DRAFT",
      credit_type_id: invoice.creditTypeId,
      start_at: null,
      end_at: null,
      issued_at: null,
      finalize_due_at: at,
      finalized_at: null,
      voided_at: null,
      subtotal: null,
      total: null,
      content_hash: null,
      payment_workflow_id: owner.workflowId,
      created_at: at,
    })
    .execute();
}

/** The one date at which a commit's purchase is billed. */
export async function getPurchaseItem(tx: CoreTransaction, commitId: string) {
  return tx
    .selectFrom("commit_invoice_items as item")
    .innerJoin("commits", "commits.id", "item.commit_id")
    .select([
      "item.id",
      "item.quantity",
      "item.unit_price as unitPrice",
      "item.amount",
      "commits.invoice_credit_type_id as creditTypeId",
    ])
    .$narrowType<{ creditTypeId: string }>()
    .where("item.commit_id", "=", commitId)
    .executeTakeFirstOrThrow();
}
