import type { CoreTransaction } from "../db/database.ts";
import { uuidV5 } from "../domain/invoices/invoice-id.ts";
import { COUNTED_BACK_DAYS } from "../domain/metering/usage-event.ts";
import { instant, instantText, isAfter } from "../domain/time.ts";
import { enqueueJob } from "../platform/jobs/enqueue.ts";
import { listInvoicesOpenToLateUsage, updateLateUsageUntil } from "../store/late-usage-invoices.ts";
import { insertCorrection, listCorrectionsOf } from "../store/usage-corrections.ts";
import type { OperationContext } from "./context.ts";
import type { RatedDraft } from "./rate-drafts.ts";
import type { Policies } from "./review-need.ts";

/**
 * What becomes of late usage when a usage invoice is final: what it carries of earlier ones is written
 * down, those that bill it otherwise are looked at now, and its own is looked for from here on, as
 * long as events of its period count. With the policy `report` nothing is.
 */
export async function followLateUsage(
  tx: CoreTransaction,
  ctx: OperationContext,
  { record, corrections }: RatedDraft,
  policies: Policies,
): Promise<void> {
  const { id, type, contractId, customerId, endAt } = record;
  const policy = policies.get(contractId)?.lateUsage ?? "report";
  if (type !== "USAGE" || endAt === null || policy === "report") return;
  for (const { late, billed, total } of corrections) {
    const sequence = (await listCorrectionsOf(tx, late.invoiceId)).length + 1;
    await insertCorrection(tx, {
      id: uuidV5(late.invoiceId, `correction/${sequence}`),
      environmentId: ctx.environment.id,
      invoiceId: late.invoiceId,
      sequence,
      policy: "next_invoice",
      carrierInvoiceId: id,
      total,
      billed,
      createdAt: instantText(ctx.now),
    });
  }
  for (const open of await listInvoicesOpenToLateUsage(tx, [contractId])) {
    const isOver = open.lateUsageUntil !== null && !isAfter(instant(open.lateUsageUntil), ctx.now);
    if (policy !== "next_invoice") {
      await enqueueUsageCorrection(tx, ctx, open, instantText(ctx.now));
    } else if (isOver) await updateLateUsageUntil(tx, open.id, null);
  }
  const until = instant(endAt).add({ hours: COUNTED_BACK_DAYS * 24 });
  if (!isAfter(until, ctx.now)) return;
  await updateLateUsageUntil(tx, id, instantText(until));
  await enqueueUsageCorrection(tx, ctx, { id, customerId }, instantText(until));
}

/** Lets a job look for late usage of a final invoice. */
const enqueueUsageCorrection = (
  tx: CoreTransaction,
  ctx: OperationContext,
  invoice: { readonly id: string; readonly customerId: string },
  dueAt: string,
): Promise<void> =>
  enqueueJob(tx, "core_jobs", {
    clock: ctx.environment.name,
    kind: "correct-usage",
    key: invoice.id,
    subject: invoice.customerId,
    payload: { invoiceId: invoice.id },
    dueAt,
  });
