import type { CoreTransaction } from "../db/database.ts";
import { instant, instantText, isAfter } from "../domain/time.ts";
import { findInvoicingParties } from "../store/invoice-contracts.ts";
import { findInvoice, type InvoiceRecord, isFrozen } from "../store/invoices.ts";
import { listPoliciesInForce } from "../store/invoicing-policies.ts";
import { hasUsageDraft, updateLateUsageUntil } from "../store/late-usage-invoices.ts";
import type { OperationContext } from "./context.ts";
import { correctUsageOf, type SettlingPolicy } from "./correct-usage.ts";
import { inTurnOf } from "./in-turn-of.ts";
import { whyNotCorrected } from "./load-billed-invoices.ts";

/** How often it is looked whether there still is a next invoice. */
const LOOK_AGAIN_HOURS = 7 * 24;

/** When it is to be looked at again, a canonical instant; undefined: not any more. */
type NextLook = string | undefined;

/**
 * Looks for late usage of a final invoice and bills it as its contract's policy says. Late usage that
 * goes on the next invoice is left to that one, as long as there will be one. Safe to repeat: what is
 * billed is no difference any more.
 */
export async function settleLateUsage(ctx: OperationContext, invoiceId: string): Promise<NextLook> {
  const found = await findInvoice(ctx.db, ctx.environment.id, invoiceId);
  if (found === undefined) return undefined;
  return inTurnOf(ctx, invoiceId, (tx, invoice) => settle(tx, ctx, invoice));
}

async function settle(
  tx: CoreTransaction,
  ctx: OperationContext,
  invoice: InvoiceRecord,
): Promise<NextLook> {
  const { id, contractId, status, lateUsageUntil } = invoice;
  if (status !== "FINALIZED" || lateUsageUntil === null) return undefined;
  const parties = await findInvoicingParties(tx, ctx.environment.id, contractId);
  // An archived contract bills nothing more.
  if (parties === undefined || parties.archivedAt !== null) {
    await updateLateUsageUntil(tx, id, null);
    return undefined;
  }
  const policy = await settlingPolicy(tx, contractId);
  // The draft that is to carry it may go before it is final, when the contract ends earlier.
  if (policy === "wait") return instantText(ctx.now.add({ hours: LOOK_AGAIN_HOURS }));
  if (policy !== undefined) {
    if (isFrozen(invoice) && whyNotCorrected(invoice) !== undefined) {
      ctx.services.logger.warn({ invoiceId: id }, "late usage of an invoice is reported only");
    } else await correctUsageOf(tx, ctx, invoice, policy);
  }
  if (isAfter(instant(lateUsageUntil), ctx.now)) return lateUsageUntil;
  await updateLateUsageUntil(tx, id, null);
  return undefined;
}

/** How the contract's late usage is billed apart; undefined: it is not; "wait": the next invoice has it. */
async function settlingPolicy(
  tx: CoreTransaction,
  contractId: string,
): Promise<SettlingPolicy | "wait" | undefined> {
  const policies = await listPoliciesInForce(tx, [contractId]);
  const policy = policies.get(contractId)?.lateUsage ?? "report";
  if (policy === "report") return undefined;
  if (policy !== "next_invoice") return policy;
  return (await hasUsageDraft(tx, contractId)) ? "wait" : "supplementary";
}
