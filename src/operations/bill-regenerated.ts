import type { CoreTransaction } from "../db/database.ts";
import type { Decimal } from "../domain/decimal.ts";
import { toText } from "../domain/decimal.ts";
import { instantText } from "../domain/time.ts";
import { insertCalculation } from "../store/bill-calculations.ts";
import type { OperationContext } from "./context.ts";

/** A draft whose content a bill job, the schedule or a recalculation found changed. */
export interface RegeneratedBill {
  readonly invoiceId: string;
  readonly customerId: string;
  /** 1 for the first content that was found. */
  readonly version: number;
  readonly hash: string;
  readonly total: Decimal;
  readonly billJobId: string | null;
}

/**
 * What follows when a bill was regenerated, in the transaction that found it: its new version is kept.
 * Reading a draft never comes here. The caller has the customer's invoicing turn.
 */
export async function billRegenerated(
  tx: CoreTransaction,
  ctx: OperationContext,
  { invoiceId, customerId, version, hash, total, billJobId }: RegeneratedBill,
): Promise<void> {
  const at = instantText(ctx.now);
  await insertCalculation(tx, {
    invoiceId,
    version,
    contentHash: hash,
    total: toText(total),
    regeneratedAt: at,
    calculatedAt: at,
    billJobId,
  });
  ctx.services.logger.info({ invoiceId, customerId, version, billJobId }, "a bill was regenerated");
}
