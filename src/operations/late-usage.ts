import { type LateUsage, lateUsage, usageInputs } from "../domain/invoices/usage-inputs.ts";
import { conflict } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { getInvoice, isFrozen } from "../store/invoices.ts";
import { loadBilledUsage } from "../store/usage-corrections.ts";
import type { OperationContext } from "./context.ts";
import { loadRatingSnapshot } from "./load-rating-snapshot.ts";
import { periodOf } from "./period-of.ts";

/**
 * Usage of the invoice's period that is known now and was not when it was billed last, by the invoice
 * or by a correction of it, or the other way round (an alias went to another customer). Drafts and scheduled invoices have none.
 * Throws not found, and conflict when the contract is archived.
 */
export async function lateUsageOf(
  ctx: OperationContext,
  invoiceId: string,
): Promise<readonly LateUsage[]> {
  return inTransaction(
    ctx.db,
    async (tx) => {
      const invoice = await getInvoice(tx, ctx.environment.id, invoiceId);
      if (invoice.status === "DRAFT" || invoice.type !== "USAGE") return [];
      const { contractId, customerId, generation } = invoice;
      const period = periodOf(invoice);
      const snapshot = await loadRatingSnapshot(tx, ctx, customerId, [
        { type: "USAGE", contractId, generation, period },
      ]);
      if (snapshot.requests.length === 0) throw conflict("The invoice's contract is archived");
      const invoiced =
        isFrozen(invoice) && invoice.correctedInvoiceId === null
          ? (await loadBilledUsage(tx, invoice)).usageInputs
          : [];
      return lateUsage(invoiced, usageInputs(snapshot, contractId, period));
    },
    { oneSnapshot: true },
  );
}
