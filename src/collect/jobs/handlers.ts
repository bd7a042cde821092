import type { JobHandlers } from "../../platform/jobs/runner.ts";
import type { Outgoing } from "../../platform/network/outgoing.ts";
import type { CollectContext } from "../in-scope.ts";
import { DELIVER_WEBHOOK } from "../operations/delivery-lane.ts";
import { invoiceJobs } from "./advance-invoice.ts";
import { deliverWebhook } from "./deliver-webhook.ts";
import { subscriptionJobs } from "./move-subscription.ts";

/** What Collect does when its time comes. */
export const createJobHandlers = (context: CollectContext, outgoing: Outgoing): JobHandlers => ({
  [DELIVER_WEBHOOK]: deliverWebhook(context, outgoing),
  ...invoiceJobs(context),
  ...subscriptionJobs(context),
});
