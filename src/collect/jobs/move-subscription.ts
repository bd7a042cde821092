import { instant, isAfter } from "../../domain/time.ts";
import { assert } from "../../errors.ts";
import { faultPoint } from "../../platform/fault-points.ts";
import type { BatchHandler, JobHandlers, JobOutcome } from "../../platform/jobs/job-handler.ts";
import type { Job } from "../../platform/jobs/job-table.ts";
import { type CollectContext, inScope, type Owner } from "../in-scope.ts";
import { voidInvoice } from "../operations/close-invoice.ts";
import { previewRenewal } from "../operations/preview-invoice.ts";
import { recordEvent } from "../operations/record-event.ts";
import { recordSubscriptionChange } from "../operations/subscriptions/record-subscription-change.ts";
import { renderSubscription } from "../operations/subscriptions/render-subscription.ts";
import {
  ANNOUNCE_RENEWAL,
  ANNOUNCE_TRIAL_END,
  EXPIRE_SUBSCRIPTION,
  RESUME_COLLECTION,
  renewalNoticeAt,
  TURN_SUBSCRIPTION,
} from "../operations/subscriptions/subscription-schedule.ts";
import { turnSubscription } from "../operations/subscriptions/turn-subscription.ts";
import type { Scope } from "../scope.ts";
import { lockCustomerOrDeleted } from "../store/customers.ts";
import { getSubscription, lockSubscription, updateSubscription } from "../store/subscriptions.ts";
import { scopedBatch } from "./scoped-batch.ts";

const readPayload = ({
  payload,
  clock,
  claimedAt: nowAt,
}: Job): Owner & { readonly subscription: string } => {
  const { accountId, livemode, subscription } = payload;
  assert(
    typeof accountId === "string" &&
      typeof livemode === "boolean" &&
      typeof subscription === "string",
    "the payload of a subscription's job names the subscription and whose it is",
  );
  return { accountId, livemode, clock, nowAt, subscription };
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
  recordEvent(scope, { type: "customer.subscription.trial_will_end", object });
}

/** Tells of the invoice that a subscription's next turn brings, once for each turn. */
async function announceRenewal(scope: Scope, id: string): Promise<string | undefined> {
  const { customer } = await getSubscription(scope, id);
  await lockCustomerOrDeleted(scope, customer);
  const row = await lockSubscription(scope, id);
  const noticeAt = renewalNoticeAt(scope, row);
  if (noticeAt === undefined) return undefined;
  if (isAfter(instant(noticeAt), instant(scope.nowAt))) return noticeAt;
  const object = await previewRenewal(scope, id);
  // Nothing to bill, as when it is to end: should that change, it is told of then.
  if (object === undefined) return undefined;
  await updateSubscription(scope, id, { upcoming_told_at: row.current_period_end_at });
  recordEvent(scope, { type: "invoice.upcoming", object });
  return undefined;
}

/** Collects again when the pause is over. */
async function resumeCollection(scope: Scope, id: string): Promise<string | undefined> {
  const { customer } = await getSubscription(scope, id);
  await lockCustomerOrDeleted(scope, customer);
  const row = await lockSubscription(scope, id);
  const at = row.pause_resumes_at;
  if (at === null) return undefined;
  if (isAfter(instant(at), instant(scope.nowAt))) return at;
  const before = await renderSubscription(scope, row);
  const resumed = await updateSubscription(scope, id, {
    pause_behavior: null,
    pause_resumes_at: null,
  });
  await recordSubscriptionChange(scope, before, resumed);
  return undefined;
}

type Work = (scope: Scope, id: string) => Promise<string | undefined>;

const again = (dueAt: string | undefined): JobOutcome =>
  dueAt === undefined ? undefined : { outcome: "retry", dueAt };

/** The jobs that every subscription has each period, done for many at once. */
export function subscriptionBatches(
  context: CollectContext,
): Readonly<Record<string, BatchHandler>> {
  const runAll = (work: Work): BatchHandler =>
    scopedBatch(context, readPayload, async (scope, { subscription }) =>
      again(await work(scope, subscription)),
    );
  return {
    [TURN_SUBSCRIPTION]: runAll(turnSubscription),
    [ANNOUNCE_RENEWAL]: runAll(announceRenewal),
  };
}

/** The jobs that move subscriptions on by themselves. */
export function subscriptionJobs(context: CollectContext): JobHandlers {
  const run = (work: Work) => async (job: Job) => {
    const { subscription, ...owner } = readPayload(job);
    const dueAt = await inScope(context, owner, (scope) => work(scope, subscription));
    faultPoint("collect/job/committed");
    return again(dueAt);
  };
  return {
    [TURN_SUBSCRIPTION]: run(turnSubscription),
    [EXPIRE_SUBSCRIPTION]: run(expire),
    [ANNOUNCE_TRIAL_END]: run(announceTrialEnd),
    [ANNOUNCE_RENEWAL]: run(announceRenewal),
    [RESUME_COLLECTION]: run(resumeCollection),
  };
}
