import type { CoreTransaction } from "../db/database.ts";
import { instant, instantText, isBefore } from "../domain/time.ts";
import { takenOff } from "../domain/usage-reports/usage-report.ts";
import { assert } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { faultPoint } from "../platform/fault-points.ts";
import type { ReportOutcome, UsageReporter } from "../providers/usage-reporter.ts";
import { findConnection } from "../store/connections.ts";
import { addReported } from "../store/usage-meters.ts";
import {
  lockPendingReports,
  type ReportChange,
  type UsageReport,
  updateReport,
} from "../store/usage-reports.ts";
import type { OperationContext } from "./context.ts";
import { openConnection } from "./open-connection.ts";

export interface Sending {
  readonly connectionId: string;
  readonly batchKey: string;
}

/**
 * Sends all reports that wait for the same calls, as many in each as it takes. The intent is written before a call
 * and what came of it afterwards; whatever has no answer is sent again as it is, which the provider takes
 * as the same. Answers whether some are left, to be tried again.
 */
export async function sendUsageReports(
  ctx: OperationContext,
  sending: Sending,
): Promise<"done" | "left"> {
  const connection = await findConnection(ctx.db, ctx.environment.id, sending.connectionId);
  const reporter = ctx.services.usageReporters[connection?.provider ?? ""];
  assert(connection !== undefined && reporter !== undefined, "reports have an account");
  const account = openConnection(ctx, connection, ctx.environment.name);
  const left: string[] = [];
  for (;;) {
    const isOpen = connection.archivedAt === null;
    const batch = await beginBatch(ctx, sending, { reporter, except: left, isOpen });
    if (batch === undefined) return left.length === 0 ? "done" : "left";
    const call = async (reports: readonly UsageReport[]): Promise<void> => {
      faultPoint("send-usage-reports/before");
      const outcome: ReportOutcome = isOpen
        ? await reporter.report(account, reports)
        : DISCONNECTED;
      faultPoint("send-usage-reports/sent");
      if (outcome.outcome === "refused" && outcome.oneIsWrong && reports.length > 1) {
        for (const one of reports) await call([one]);
        return;
      }
      left.push(...(await settle(ctx, reports, outcome)));
    };
    await call(batch);
  }
}

const DISCONNECTED = {
  outcome: "refused",
  code: "disconnected",
  message: "The account is no longer connected",
  oneIsWrong: false,
} as const satisfies ReportOutcome;

interface Batching {
  readonly reporter: UsageReporter;
  /** Reports that were tried already. */
  readonly except: readonly string[];
  readonly isOpen: boolean;
}

/**
 * The next reports to send, written down as maybe taken before anything is sent. Those whose time is over are
 * ended. undefined: there are none left.
 */
async function beginBatch(
  ctx: OperationContext,
  { connectionId, batchKey }: Sending,
  { reporter, except, isOpen }: Batching,
): Promise<UsageReport[] | undefined> {
  const begin = async (tx: CoreTransaction): Promise<UsageReport[] | undefined> => {
    const found = await lockPendingReports(tx, connectionId, batchKey, except, reporter.maxRecords);
    if (found.length === 0) return undefined;
    const open: UsageReport[] = [];
    for (const report of found) {
      if (isBefore(ctx.now, instant(report.deadlineAt))) open.push(report);
      else await endLate(tx, ctx, report);
    }
    for (const report of open) {
      await updateReport(tx, report.id, "PENDING", {
        attempts: report.attempts + 1,
        ...(isOpen ? { maybeAccepted: true } : {}),
        updatedAt: instantText(ctx.now),
      });
    }
    return open;
  };
  for (;;) {
    const batch = await inTransaction(ctx.db, begin);
    if (batch === undefined || batch.length > 0) return batch;
  }
}

/**
 * A report that was not taken in time. What it was for comes with the next report, unless it may have been taken
 * after all: then a person must look, as it would be billed twice.
 */
async function endLate(
  tx: CoreTransaction,
  ctx: OperationContext,
  { id, configurationId, parts, maybeAccepted, deadlineAt, errorMessage }: UsageReport,
): Promise<void> {
  const updatedAt = instantText(ctx.now);
  const why = errorMessage === null ? "" : ` Last: ${errorMessage}`;
  if (maybeAccepted) {
    await updateReport(tx, id, "PENDING", {
      status: "UNKNOWN",
      errorCode: "outcome_unknown",
      errorMessage: `It may have been taken, and nobody answered until ${deadlineAt}: look at the provider, then resolve it.${why}`,
      updatedAt,
    });
    return;
  }
  const ended = await updateReport(tx, id, "PENDING", {
    status: "EXPIRED",
    errorCode: "deadline_missed",
    errorMessage: `It was not taken until ${deadlineAt}; its amount goes into the next report.${why}`,
    updatedAt,
  });
  if (ended) await addReported(tx, configurationId, takenOff(parts));
}

/** Writes down what came of a call; answers the reports that are to be tried again. */
async function settle(
  ctx: OperationContext,
  reports: readonly UsageReport[],
  outcome: ReportOutcome,
): Promise<string[]> {
  const updatedAt = instantText(ctx.now);
  return inTransaction(ctx.db, async (tx) => {
    const left: string[] = [];
    for (const [index, report] of reports.entries()) {
      const change = changeOf(report, outcome, index);
      const sentAt = change.status === "SENT" ? { sentAt: updatedAt } : {};
      await updateReport(tx, report.id, "PENDING", { ...change, ...sentAt, updatedAt });
      if (change.status === undefined) left.push(report.id);
    }
    return left;
  });
}

/** What is written of a report after a call. A refusal tells nothing of an earlier call without an answer. */
function changeOf(
  { maybeAccepted }: UsageReport,
  outcome: ReportOutcome,
  index: number,
): Omit<ReportChange, "updatedAt"> {
  const result = outcome.outcome === "answered" ? outcome.results[index] : outcome;
  assert(result !== undefined, "each record has its result");
  switch (result.outcome) {
    case "accepted":
      return { status: "SENT", recordId: result.recordId, errorCode: null, errorMessage: null };
    case "unclear":
      return { status: "UNKNOWN", errorCode: result.code, errorMessage: result.message };
    case "refused":
      return { maybeAccepted, errorCode: result.code, errorMessage: result.message };
    case "unknown":
      return { errorCode: result.code, errorMessage: result.message };
  }
}
