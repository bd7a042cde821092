import { earlier, instant, instantText, isAfter, later } from "../../../domain/time.ts";
import type { Scope } from "../../scope.ts";
import { ENDED, type SubscriptionRow } from "../../store/subscriptions.ts";

/** The kind of the jobs at a subscription's next boundary: period, trial or agreed end. */
export const TURN_SUBSCRIPTION = "turn-subscription";
/** The kind of the jobs that give up on a first invoice that nobody paid. */
export const EXPIRE_SUBSCRIPTION = "expire-subscription";
/** The kind of the jobs that tell of a trial's end ahead of it. */
export const ANNOUNCE_TRIAL_END = "announce-trial-end";

/** The kind of the jobs that tell of a renewal ahead of it. */
export const ANNOUNCE_RENEWAL = "announce-renewal";
/** The kind of the jobs at the end of a pause of collection. */
export const RESUME_COLLECTION = "resume-collection";

/** Stripe docs: Subscription statuses, "within 23 hours". */
const HOURS_TO_PAY = 23;
/** Stripe docs: `customer.subscription.trial_will_end`, "3 days before". */
const TRIAL_NOTICE_HOURS = 72;

const enqueue = (
  scope: Scope,
  kind: string,
  { id, customer }: SubscriptionRow,
  dueAt: string,
): void => {
  scope.followUps.jobs.push({
    clock: scope.clock,
    kind,
    key: `${id}/${dueAt}`,
    subject: customer,
    payload: { accountId: scope.accountId, livemode: scope.livemode, subscription: id },
    dueAt,
  });
};

/** When a subscription next moves by itself; undefined: never again. */
export function nextTurnAt(row: SubscriptionRow): string | undefined {
  if (ENDED.includes(row.status)) {
    return row.sweeps_items ? row.current_period_end_at : undefined;
  }
  if (row.status === "paused" || row.status === "incomplete") return undefined;
  const end = instant(row.current_period_end_at);
  return instantText(row.cancel_at === null ? end : earlier(end, instant(row.cancel_at)));
}

/**
 * Promises the next turn of a subscription, and to tell of the invoice that it brings some days ahead.
 * Its own times decide: a job that comes too early waits.
 */
export function enqueueTurn(scope: Scope, row: SubscriptionRow): void {
  const at = nextTurnAt(row);
  if (at === undefined) return;
  enqueue(scope, TURN_SUBSCRIPTION, row, at);
  const noticeAt = renewalNoticeAt(scope, row);
  if (noticeAt !== undefined) enqueue(scope, ANNOUNCE_RENEWAL, row, noticeAt);
}

/**
 * When a subscription's next invoice is told of: some days ahead of its turn, at once when the turn is
 * nearer than that; undefined: never, or it was told of already.
 */
export function renewalNoticeAt(scope: Scope, row: SubscriptionRow): string | undefined {
  const days = scope.account.upcoming_invoice_days;
  const at = nextTurnAt(row);
  if (days === 0 || at === undefined) return undefined;
  if (row.upcoming_told_at === row.current_period_end_at) return undefined;
  if (!isAfter(instant(at), instant(scope.nowAt))) return undefined;
  const notice = instant(at).subtract({ hours: days * 24 });
  return instantText(later(notice, instant(scope.nowAt)));
}

/** Promises to collect again when a pause is over. */
export function enqueueResumption(scope: Scope, row: SubscriptionRow): void {
  if (row.pause_resumes_at === null) return;
  enqueue(scope, RESUME_COLLECTION, row, row.pause_resumes_at);
}

/** Promises to expire a subscription whose first invoice stays unpaid. */
export function enqueueExpiry(scope: Scope, row: SubscriptionRow): void {
  const at = instant(row.created_at).add({ hours: HOURS_TO_PAY });
  enqueue(scope, EXPIRE_SUBSCRIPTION, row, instantText(at));
}

/** Promises the notice of a trial's end: three days ahead, at once when it is shorter. */
export function enqueueTrialNotice(scope: Scope, row: SubscriptionRow): void {
  if (row.trial_end_at === null) return;
  const notice = instant(row.trial_end_at).subtract({ hours: TRIAL_NOTICE_HOURS });
  enqueue(scope, ANNOUNCE_TRIAL_END, row, instantText(later(notice, instant(scope.nowAt))));
}
