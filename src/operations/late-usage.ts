import { type LateUsage, lateUsage, usageInputs } from "../domain/invoices/usage-inputs.ts";
import { conflict } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { listFrozenUsageInputs } from "../store/frozen-usage-inputs.ts";
import { getInvoice } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { loadRatingSnapshot } from "./load-rating-snapshot.ts";
import { periodOf } from "./rate-drafts.ts";

/**
 * Usage of the invoice's period that is known now and was not when the invoice was finalized, or
 * the other way round (an alias went to another customer). Drafts and scheduled invoices have none.
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
      const invoiced = await listFrozenUsageInputs(tx, invoiceId);
      return lateUsage(invoiced, usageInputs(snapshot, contractId, period));
    },
    { oneSnapshot: true },
  );
}
