import type { CoreTransaction } from "../../db/database.ts";
import { instantText } from "../../domain/time.ts";
import { enqueueJob } from "../../platform/jobs/enqueue.ts";
import { findInvoiceCustomer } from "../../store/reconciled-runs.ts";
import { type Finding, updateFinding } from "../../store/reconciliation-findings.ts";
import type { OperationContext } from "../context.ts";

/** 15 seconds to an hour apart: some hours. */
const MAX_ATTEMPTS = 12;

/** Lets a worker repair a finding, after whatever else is due for the invoice's customer. */
export async function enqueueRepair(
  tx: CoreTransaction,
  ctx: OperationContext,
  { id, invoiceId }: Pick<Finding, "id" | "invoiceId">,
  approvedBy: string,
): Promise<void> {
  const updatedAt = instantText(ctx.now);
  await updateFinding(tx, id, { state: "APPLYING", reason: null, approvedBy, updatedAt });
  const customerId =
    invoiceId === null ? undefined : await findInvoiceCustomer(tx, ctx.environment.id, invoiceId);
  await enqueueJob(tx, "core_jobs", {
    clock: ctx.environment.name,
    kind: "apply-repair",
    key: id,
    ...(customerId === undefined ? {} : { subject: customerId }),
    payload: { findingId: id },
    dueAt: updatedAt,
    maxAttempts: MAX_ATTEMPTS,
  });
}
