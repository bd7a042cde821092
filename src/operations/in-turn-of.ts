import type { CoreTransaction } from "../db/database.ts";
import { inTransaction } from "../platform/database/database.ts";
import { takeInvoicingTurn } from "../store/freeze-invoice.ts";
import { getInvoice, type InvoiceRecord } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { requestThresholdEvaluation } from "./request-threshold-evaluation.ts";

/** Runs `work` on an invoice in its customer's invoicing turn. Throws not found. */
export async function inTurnOf<Result>(
  ctx: OperationContext,
  id: string,
  work: (tx: CoreTransaction, invoice: InvoiceRecord) => Promise<Result>,
): Promise<Result> {
  const { customerId } = await getInvoice(ctx.db, ctx.environment.id, id);
  return inTransaction(
    ctx.db,
    async (tx) => {
      await takeInvoicingTurn(tx, customerId);
      const invoice = await getInvoice(tx, ctx.environment.id, id);
      const result = await work(tx, invoice);
      await requestThresholdEvaluation(tx, ctx, customerId);
      return result;
    },
    { oneSnapshot: true },
  );
}
