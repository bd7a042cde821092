import type { CoreTransaction } from "../db/database.ts";
import { lifeChanges } from "../domain/notifications/life-changes.ts";
import { actNotices } from "../domain/notifications/notices.ts";
import { instantText } from "../domain/time.ts";
import { takeInvoicingTurn } from "../store/freeze-invoice.ts";
import { insertCommitEdit, listLives } from "../store/lives.ts";
import { holdNotifications, listRules } from "../store/notifications.ts";
import type { OperationContext } from "./context.ts";
import { planNotices } from "./plan-notices.ts";
import { tellLifecycle } from "./tell-lifecycle.ts";

/** Whose changes each transaction is watching: an operation may be a part of another one. */
const watched = new WeakMap<CoreTransaction, Set<string>>();

/**
 * Does what changes a customer's contracts, commits or credits, and tells what came of it in the same
 * transaction, if anybody wants to know: it looks before and after, so that what follows from the
 * change (children, rollovers, terms that are cut) is told as well. Costs one look at the environment
 * where all notifications are off.
 */
export async function watchLifecycle<Result>(
  tx: CoreTransaction,
  ctx: OperationContext,
  customerId: string,
  change: () => Promise<Result>,
): Promise<Result> {
  const customers = watched.get(tx) ?? new Set();
  if (customers.has(customerId) || !(await holdNotifications(tx, ctx.environment.id))) {
    return change();
  }
  watched.set(tx, customers.add(customerId));
  try {
    return await watch(tx, ctx, customerId, change);
  } finally {
    customers.delete(customerId);
  }
}

async function watch<Result>(
  tx: CoreTransaction,
  ctx: OperationContext,
  customerId: string,
  change: () => Promise<Result>,
): Promise<Result> {
  // What others change meanwhile is not for this one to tell.
  await takeInvoicingTurn(tx, customerId);
  const of = { environmentId: ctx.environment.id, customerId };
  const before = await listLives(tx, of);
  const result = await change();
  const changes = lifeChanges(before, await listLives(tx, of), ctx.now);
  for (const { life, edit } of changes) {
    if (edit === undefined) continue;
    await insertCommitEdit(tx, { id: edit.id, commitId: life.id, at: instantText(edit.at) });
  }
  const rules = await listRules(tx, of.environmentId);
  const tellings = changes.map(({ life, acts }) => ({
    life,
    notices: actNotices(life, acts, rules),
  }));
  await tellLifecycle(tx, ctx, customerId, tellings);
  const lives = changes.filter(({ isGone }) => !isGone).map(({ life }) => life);
  await planNotices(tx, ctx, customerId, lives, { rules, from: ctx.now });
  return result;
}
