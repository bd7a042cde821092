import type { CoreTransaction } from "../db/database.ts";
import { toText } from "../domain/decimal.ts";
import type { RatedInvoice } from "../domain/invoices/invoice.ts";
import { instantText } from "../domain/time.ts";
import { insertCalculation } from "../store/bill-calculations.ts";
import type { InvoiceRecord } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { routeDraft } from "./route-draft.ts";

/** A draft whose content a bill job, the schedule or a recalculation found changed. */
export interface RegeneratedBill {
  readonly record: InvoiceRecord;
  readonly rated: RatedInvoice;
  /** 1 for the first content that was found. */
  readonly version: number;
  readonly hash: string;
  readonly billJobId: string | null;
}

/**
 * What follows when a bill was regenerated, in the transaction that found it: its new version is kept, and
 * sent where integrations take drafts. Reading a draft never comes here. The caller has the customer's
 * invoicing turn.
 */
export async function billRegenerated(
  tx: CoreTransaction,
  ctx: OperationContext,
  { record, rated, version, hash, billJobId }: RegeneratedBill,
): Promise<void> {
  const at = instantText(ctx.now);
  const { id: invoiceId, customerId } = record;
  const calculation = {
    invoiceId,
    version,
    contentHash: hash,
    total: toText(rated.total),
    regeneratedAt: at,
    calculatedAt: at,
    billJobId,
  };
  await insertCalculation(tx, calculation, rated.lines);
  await routeDraft(tx, ctx, record, version);
  ctx.services.logger.info({ invoiceId, customerId, version, billJobId }, "a bill was regenerated");
}
