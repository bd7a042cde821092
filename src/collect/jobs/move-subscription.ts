import { assert } from "../../errors.ts";
import { faultPoint } from "../../platform/fault-points.ts";
import type { Job } from "../../platform/jobs/job-table.ts";
import type { JobHandlers } from "../../platform/jobs/runner.ts";
import { type CollectContext, inScope, type Owner } from "../in-scope.ts";
import { voidInvoice } from "../operations/close-invoice.ts";
import { recordEvent } from "../operations/record-event.ts";
import { renderSubscription } from "../operations/subscriptions/render-subscription.ts";
import {
  ANNOUNCE_TRIAL_END,
  EXPIRE_SUBSCRIPTION,
  TURN_SUBSCRIPTION,
} from "../operations/subscriptions/subscription-schedule.ts";
import { turnSubscription } from "../operations/subscriptions/turn-subscription.ts";
import type { Scope } from "../scope.ts";
import { getSubscription } from "../store/subscriptions.ts";

const readPayload = ({ payload }: Job): Owner & { readonly subscription: string } => {
  const { accountId, livemode, subscription } = payload;
  assert(
    typeof accountId === "string" &&
      typeof livemode === "boolean" &&
      typeof subscription === "string",
    "the payload of a subscription's job names the subscription and whose it is",
  );
  return { accountId, livemode, subscription };
};

/** Gives up on a first invoice that nobody paid: voiding it expires the subscription. */
async function expire(scope: Scope, id: string): Promise<undefined> {
  const { status, latest_invoice: invoice } = await getSubscription(scope, id);
  if (status === "incomplete" && invoice !== null) await voidInvoice(scope, invoice);
}

/** Tells that a trial is about to end, if it still is one. */
async function announceTrialEnd(scope: Scope, id: string): Promise<undefined> {
  const row = await getSubscription(scope, id);
  if (row.status !== "trialing") return;
  const object = await renderSubscription(scope, row);
  await recordEvent(scope, { type: "customer.subscription.trial_will_end", object });
}

/** The jobs that move subscriptions on by themselves. */
export function subscriptionJobs(context: CollectContext): JobHandlers {
  const run =
    (work: (scope: Scope, id: string) => Promise<string | undefined>) => async (job: Job) => {
      const { subscription, ...owner } = readPayload(job);
      const dueAt = await inScope(context, owner, (scope) => work(scope, subscription));
      faultPoint("collect/job/committed");
      return dueAt === undefined ? undefined : ({ outcome: "retry", dueAt } as const);
    };
  return {
    [TURN_SUBSCRIPTION]: run(turnSubscription),
    [EXPIRE_SUBSCRIPTION]: run(expire),
    [ANNOUNCE_TRIAL_END]: run(announceTrialEnd),
  };
}
