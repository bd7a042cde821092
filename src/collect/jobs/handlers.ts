import type { JobHandlers, JobRunner } from "../../platform/jobs/runner.ts";
import type { Mailer } from "../../platform/mail/mailer.ts";
import type { Outgoing } from "../../platform/network/outgoing.ts";
import type { CollectContext } from "../in-scope.ts";
import { SEND_MAIL } from "../operations/mail-invoice.ts";
import { DELIVER_WEBHOOK } from "../store/write-follow-ups.ts";
import { invoiceJobs } from "./advance-invoice.ts";
import { deliverWebhook } from "./deliver-webhook.ts";
import { subscriptionJobs } from "./move-subscription.ts";
import { testClockJobs } from "./move-test-clock.ts";
import { sendMail } from "./send-mail.ts";

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
