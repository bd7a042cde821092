import type { CoreTransaction } from "../db/database.ts";
import type { Life } from "../domain/notifications/life.ts";
import {
  firstNoticeAt,
  type NotificationRule,
  plannedNotices,
} from "../domain/notifications/notices.ts";
import { type Instant, instantText, isAfter, isBefore, sameInstant } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { enqueueJob, enqueueJobs } from "../platform/jobs/enqueue.ts";
import { takeInvoicingTurn } from "../store/freeze-invoice.ts";
import { listCustomersAfter, listLives } from "../store/lives.ts";
import { listRules } from "../store/notifications.ts";
import type { OperationContext } from "./context.ts";
import { tellLifecycle } from "./tell-lifecycle.ts";

/**
 * Lets a job tell what comes next in each of these lives, from `from` on. It goes on from there by
 * itself, with the life as it then stands: what moved is told at its new time only, what was archived
 * not at all, and a job that finds nothing at its time does nothing.
 */
export async function planNotices(
  tx: CoreTransaction,
  ctx: OperationContext,
  customerId: string,
  lives: readonly Life[],
  { rules, from }: { readonly rules: readonly NotificationRule[]; readonly from: Instant },
): Promise<void> {
  const jobs = lives.flatMap((life) => {
    const ahead = plannedNotices(life, rules).filter(({ at }) => !isBefore(at, from));
    const at = firstNoticeAt(ahead);
    return at === undefined ? [] : [toJob(ctx, customerId, life.id, instantText(at))];
  });
  await enqueueJobs(tx, "core_jobs", jobs);
}

const toJob = (ctx: OperationContext, customerId: string, id: string, at: string) => ({
  clock: ctx.environment.name,
  kind: "tell-notices",
  key: `${id}/${at}`,
  subject: customerId,
  payload: { customerId, id, at },
  dueAt: at,
});

export interface DueNotices {
  readonly customerId: string;
  /** Of the contract, commit or credit. */
  readonly id: string;
  /** The instant that was planned. */
  readonly at: Instant;
}

/** Tells what of one life falls on an instant that has come, and plans what comes after it. */
export async function tellNotices(
  ctx: OperationContext,
  { customerId, id, at }: DueNotices,
): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    await takeInvoicingTurn(tx, customerId);
    const environmentId = ctx.environment.id;
    const [found] = await listLives(tx, { environmentId, customerId, id });
    if (found === undefined) return;
    const { life } = found;
    const rules = await listRules(tx, environmentId);
    const notices = plannedNotices(life, rules);
    const due = notices.filter((notice) => sameInstant(notice.at, at));
    await tellLifecycle(tx, ctx, customerId, [{ life, notices: due }]);
    const next = firstNoticeAt(notices.filter((notice) => isAfter(notice.at, at)));
    if (next === undefined) return;
    await enqueueJob(tx, "core_jobs", toJob(ctx, customerId, id, instantText(next)));
  });
}

/** How many customers one job plans for. */
const PAGE_SIZE = 50;

/** What notifications that were switched on or changed mean for what is there. */
export interface Planning {
  /** Names this planning: another one meanwhile does not cut it short. */
  readonly id: string;
  /** The instant of the change: nothing before it is told. */
  readonly from: Instant;
  /** Position of the last customer that is done. */
  readonly after: string;
}

/** Lets jobs plan for every customer there is, a page at a time. */
export async function enqueuePlanning(
  tx: CoreTransaction,
  ctx: OperationContext,
  { id, from, after }: Planning,
): Promise<void> {
  await enqueueJob(tx, "core_jobs", {
    clock: ctx.environment.name,
    kind: "plan-notices",
    key: `${id}/${after}`,
    payload: { id, from: instantText(from), after },
    dueAt: instantText(ctx.now),
  });
}

/** Plans for one page of customers, and lets the next one follow. */
export async function planPage(ctx: OperationContext, planning: Planning): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    const environmentId = ctx.environment.id;
    const rules = await listRules(tx, environmentId);
    const page = await listCustomersAfter(tx, environmentId, planning.after, PAGE_SIZE);
    for (const { id: customerId } of page) {
      const lives = (await listLives(tx, { environmentId, customerId })).map(({ life }) => life);
      await planNotices(tx, ctx, customerId, lives, { rules, from: planning.from });
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_SIZE) return;
    await enqueuePlanning(tx, ctx, { ...planning, after: String(last.position) });
  });
}
