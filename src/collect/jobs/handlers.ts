import type { BatchHandler, JobHandlers } from "../../platform/jobs/job-handler.ts";
import type { JobRunner } from "../../platform/jobs/runner.ts";
import type { Mailer } from "../../platform/mail/mailer.ts";
import type { Outgoing } from "../../platform/network/outgoing.ts";
import type { CollectContext } from "../in-scope.ts";
import { SEND_MAIL } from "../operations/mail-invoice.ts";
import { DELIVER_WEBHOOK } from "../store/write-follow-ups.ts";
import { invoiceBatches, invoiceJobs } from "./advance-invoice.ts";
import { deliverWebhook, deliverWebhooks } from "./deliver-webhook.ts";
import { subscriptionBatches, subscriptionJobs } from "./move-subscription.ts";
import { testClockJobs } from "./move-test-clock.ts";
import { sendMail } from "./send-mail.ts";

/** What of it is done for many at once. */
export const createBatchHandlers = (
  context: CollectContext,
  outgoing: Outgoing,
): Readonly<Record<string, BatchHandler>> => ({
  [DELIVER_WEBHOOK]: deliverWebhooks(context, outgoing),
  ...invoiceBatches(context),
  ...subscriptionBatches(context),
});

/** What Collect does when its time comes. */
export const createJobHandlers = (
  context: CollectContext,
  outgoing: Outgoing,
  mailer: Mailer | undefined,
  work: () => JobRunner,
): JobHandlers => ({
  [SEND_MAIL]: sendMail(context, mailer),
  [DELIVER_WEBHOOK]: deliverWebhook(context, outgoing),
  ...invoiceJobs(context),
  ...subscriptionJobs(context),
  ...testClockJobs(context, work),
});
