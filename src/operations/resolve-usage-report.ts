import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { takenOff } from "../domain/usage-reports/usage-report.ts";
import { conflict } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { addReported } from "../store/usage-meters.ts";
import { getReport, type UsageReport, updateReport } from "../store/usage-reports.ts";
import type { OperationContext } from "./context.ts";
import { enqueueSending } from "./plan-usage-report.ts";

/** Sends a report that waits for another attempt now. Throws AppError (conflict), not found. */
export async function retryUsageReport(ctx: OperationContext, id: string): Promise<UsageReport> {
  return inTransaction(ctx.db, async (tx) => {
    const report = await getReport(tx, ctx.environment.id, id);
    if (report.status !== "PENDING") throw conflict(whyNotRetried(report), "not_pending");
    await enqueueSending(tx, ctx, report, instantText(ctx.now));
    return report;
  });
}

function whyNotRetried({ id, status }: UsageReport): string {
  switch (status) {
    case "EXPIRED":
      return `Usage report ${id} missed its deadline: its amount is part of a later report`;
    case "UNKNOWN":
      return `Nobody knows whether usage report ${id} was taken: look at the provider, then resolve it`;
    default:
      return `Usage report ${id} is ${status}`;
  }
}

/**
 * What a person found at the provider of a report of which nobody knew: it was taken, or it was not, and then
 * its amount goes into the next report. Throws AppError (conflict), not found.
 */
export async function resolveUsageReport(
  ctx: OperationContext,
  id: string,
  wasAccepted: boolean,
): Promise<UsageReport> {
  const resolve = async (tx: CoreTransaction): Promise<UsageReport> => {
    const { status, configurationId, parts } = await getReport(tx, ctx.environment.id, id);
    const updatedAt = instantText(ctx.now);
    const changed = await updateReport(tx, id, "UNKNOWN", {
      status: wasAccepted ? "SENT" : "EXPIRED",
      errorCode: wasAccepted ? null : "not_accepted",
      errorMessage: wasAccepted
        ? null
        : `${ctx.actor} found that it was not taken; its amount goes into the next report.`,
      ...(wasAccepted ? { sentAt: updatedAt } : {}),
      updatedAt,
    });
    if (!changed) {
      throw conflict(
        `Usage report ${id} is ${status}: only one of which nobody knows is resolved`,
        "not_unknown",
      );
    }
    if (!wasAccepted) await addReported(tx, configurationId, takenOff(parts));
    return getReport(tx, ctx.environment.id, id);
  };
  return inTransaction(ctx.db, resolve);
}
