import type { CoreDb } from "../db/database.ts";
import type { Services } from "../operations/context.ts";
import type { BatchHandler, JobHandlers } from "../platform/jobs/job-handler.ts";
import { applyRepairJob } from "./apply-repair.ts";
import { correctUsageJob } from "./correct-usage.ts";
import { deliverCreditNoteJob } from "./deliver-credit-note.ts";
import { deliverInvoiceJob } from "./deliver-invoice.ts";
import { deliverWebhookJob } from "./deliver-webhook.ts";
import { evaluateAlertsJob } from "./evaluate-alerts.ts";
import { evaluateThresholdsJob } from "./evaluate-thresholds.ts";
import { finalizeInvoiceBatch, finalizeInvoiceJob } from "./finalize-invoice.ts";
import { leaveAccountJob } from "./leave-account.ts";
import { neededLook, neededLooks } from "./needed-looks.ts";
import { planNoticesJob } from "./plan-notices.ts";
import { planUsageReportJob } from "./plan-usage-report.ts";
import { processProviderEventBatch, processProviderEventJob } from "./process-provider-event.ts";
import { reconcileJob } from "./reconcile.ts";
import { reconcileDailyJob } from "./reconcile-daily.ts";
import { revokeConsentJob } from "./revoke-consent.ts";
import { runBillJobJob } from "./run-bill-job.ts";
import { runExportJob } from "./run-export.ts";
import { scheduleBillJobJob } from "./schedule-bill-job.ts";
import { scheduleExportJob } from "./schedule-export.ts";
import { sendMailJob } from "./send-mail.ts";
import { sendUsageReportsJob } from "./send-usage-reports.ts";
import { settleRolloversJob } from "./settle-rollovers.ts";
import { tellNoticesJob } from "./tell-notices.ts";
import { tendConnectionJob } from "./tend-connection.ts";
import { turnUsagePeriodJob } from "./turn-usage-period.ts";
import { withdrawDraftJob } from "./withdraw-draft.ts";

/** What every job handler of the core stands on. */
export interface JobDeps {
  readonly db: CoreDb;
  readonly services: Services;
}

/** Every kind of job of the core with its handler, one line for each kind. */
export const coreJobHandlers = (deps: JobDeps): JobHandlers => ({
  "apply-repair": applyRepairJob(deps),
  "correct-usage": correctUsageJob(deps),
  "deliver-credit-note": deliverCreditNoteJob(deps),
  "deliver-invoice": deliverInvoiceJob(deps),
  "deliver-webhook": deliverWebhookJob(deps),
  "evaluate-alerts": evaluateAlertsJob(deps),
  "evaluate-thresholds": evaluateThresholdsJob(deps),
  "finalize-invoice": finalizeInvoiceJob(deps),
  "leave-account": leaveAccountJob(deps),
  "plan-notices": planNoticesJob(deps),
  "plan-usage-report": planUsageReportJob(deps),
  "process-provider-event": neededLook(deps, processProviderEventJob(deps)),
  reconcile: reconcileJob(deps),
  "reconcile-daily": reconcileDailyJob(deps),
  "revoke-consent": revokeConsentJob(deps),
  "run-bill-job": runBillJobJob(deps),
  "run-export": runExportJob(deps),
  "schedule-bill-job": scheduleBillJobJob(deps),
  "schedule-export": scheduleExportJob(deps),
  "send-mail": sendMailJob(deps),
  "send-usage-reports": sendUsageReportsJob(deps),
  "settle-rollovers": settleRolloversJob(deps),
  "tell-notices": tellNoticesJob(deps),
  "tend-connection": tendConnectionJob(deps),
  "turn-usage-period": turnUsagePeriodJob(deps),
  "withdraw-draft": withdrawDraftJob(deps),
});

/** The kinds of which many jobs are done at once. */
export const coreBatchHandlers = (deps: JobDeps): Readonly<Record<string, BatchHandler>> => ({
  "finalize-invoice": finalizeInvoiceBatch(deps),
  "process-provider-event": neededLooks(deps, processProviderEventBatch(deps)),
});
