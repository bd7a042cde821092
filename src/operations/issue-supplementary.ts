import type { CoreTransaction } from "../db/database.ts";
import type { DrawDown, RatedInvoice } from "../domain/invoices/invoice.ts";
import { uuidV5 } from "../domain/invoices/invoice-id.ts";
import type { InvoiceLine } from "../domain/invoices/line.ts";
import type { Totals } from "../domain/rating/totals.ts";
import { instantText } from "../domain/time.ts";
import { faultPoint } from "../platform/fault-points.ts";
import { freezeInvoice, insertDrawDowns } from "../store/freeze-invoice.ts";
import { loadInvoiceCustomFields } from "../store/invoice-custom-fields.ts";
import { updateHold } from "../store/invoice-review.ts";
import { listPoliciesInForce } from "../store/invoicing-policies.ts";
import { insertSupplementaryDraft } from "../store/late-usage-invoices.ts";
import { insertCorrection } from "../store/usage-corrections.ts";
import { announceInvoice } from "./announce-invoice.ts";
import type { OperationContext } from "./context.ts";
import type { OpenCorrection } from "./correct-usage.ts";
import { periodOf } from "./period-of.ts";
import { routeInvoice } from "./route-invoice.ts";

/** What a supplementary invoice bills. */
export interface Supplement extends Totals {
  readonly lines: readonly InvoiceLine[];
  readonly drawDowns: readonly DrawDown[];
  readonly trueUps: readonly DrawDown[];
}

/**
 * Bills late usage by an invoice of its own, of the same period: final at once, announced and sent as
 * any. Where invoices are approved it is on hold until a person releases it.
 */
export async function issueSupplementary(
  tx: CoreTransaction,
  ctx: OperationContext,
  correction: OpenCorrection,
  supplement: Supplement,
): Promise<void> {
  const { id, invoice, rated: correctionRated, snapshot } = correction;
  const now = instantText(ctx.now);
  const rated = toInvoice(correction, supplement);
  await insertSupplementaryDraft(tx, invoice, { id: rated.id, createdAt: now });
  const frozen = await freezeInvoice(tx, {
    rated,
    usageInputs: correctionRated.late.usageInputs,
    customFields: await loadInvoiceCustomFields(tx, ctx.environment.id, [rated]),
    billableStatus: invoice.billableStatus,
    conventions: snapshot.conventions,
    issuedAt: now,
    finalizedAt: now,
  });
  faultPoint("correct-usage/frozen");
  await insertDrawDowns(tx, rated);
  await insertCorrection(tx, {
    id,
    environmentId: ctx.environment.id,
    invoiceId: invoice.id,
    sequence: correction.sequence,
    policy: correction.policy,
    carrierInvoiceId: rated.id,
    total: correctionRated.total,
    billed: correctionRated.billed,
    createdAt: now,
  });
  faultPoint("correct-usage/posted");
  const policies = await listPoliciesInForce(tx, [invoice.contractId]);
  if (policies.get(invoice.contractId)?.finalization === "on_approval") {
    const reason = "It bills late usage: release it to send it";
    await updateHold(tx, rated.id, { at: now, by: "ledgerline", reason });
  }
  await announceInvoice(tx, ctx, frozen);
  await routeInvoice(tx, ctx, frozen);
  faultPoint("correct-usage/routed");
}

const toInvoice = (
  { id, invoice }: OpenCorrection,
  { lines, drawDowns, trueUps, subtotal, total }: Supplement,
): RatedInvoice => {
  const period = periodOf(invoice);
  return {
    id: uuidV5(id, "invoice"),
    type: "USAGE",
    customerId: invoice.customerId,
    contractId: invoice.contractId,
    generation: invoice.generation,
    creditTypeId: invoice.creditTypeId,
    period,
    dueAt: period.end,
    lines,
    subtotal,
    total,
    drawDowns,
    trueUps,
    unpriced: [],
  };
};
