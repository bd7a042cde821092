import { randomUUID } from "node:crypto";
import type { CoreTransaction } from "../db/database.ts";
import { isAct, type LifecycleType } from "../domain/notifications/lifecycle-types.ts";
import { readOffset } from "../domain/notifications/offset-duration.ts";
import { instantText } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import {
  getOffsetNotification,
  insertOffsetNotification,
  lockNotifications,
  noteNotifications,
  type OffsetNotificationRow,
  switchNotification,
  updateOffsetNotification,
} from "../store/notifications.ts";
import type { OperationContext } from "./context.ts";
import { enqueuePlanning } from "./plan-notices.ts";

/** When somebody wants to be told of a kind of event. */
export interface OffsetPolicy {
  readonly type: LifecycleType;
  readonly offset: string;
}

export interface NewNotification {
  readonly name: string;
  readonly policy: OffsetPolicy;
  readonly uniquenessKey: string | null;
}

/**
 * Adds a notification some time before or after events of a type; it counts for what is there and what
 * comes, from now on. A uniqueness key that was used is a conflict.
 */
export const createNotification = (
  ctx: OperationContext,
  { name, policy, uniquenessKey }: NewNotification,
): Promise<OffsetNotificationRow> => {
  checkPolicy(policy);
  return changing(ctx, { plans: true }, (tx) =>
    insertOffsetNotification(tx, {
      environment_id: ctx.environment.id,
      name,
      type: policy.type,
      offset_duration: policy.offset,
      uniqueness_key: uniquenessKey,
      active_from: instantText(ctx.now),
      created_at: instantText(ctx.now),
      created_by: ctx.actor,
    }),
  );
};

/** Changes the offset of a notification, for what is told from now on. Throws not found. */
export const moveNotification = (
  ctx: OperationContext,
  id: string,
  policy: OffsetPolicy,
): Promise<OffsetNotificationRow> => {
  checkPolicy(policy);
  return changing(ctx, { plans: true }, async (tx) => {
    const row = await getOffsetNotification(tx, ctx.environment.id, id);
    if (row.archived_at !== null) throw invalid("The notification is archived", "id");
    if (row.type !== policy.type) {
      throw invalid(`policy.type must stay ${row.type}`, "policy.type");
    }
    if (row.offset_duration === policy.offset) return row;
    return updateOffsetNotification(tx, id, {
      offset_duration: policy.offset,
      active_from: instantText(ctx.now),
    });
  });
};

/** Archives a notification: nothing more is told by it. Doing it again changes nothing. */
export const archiveNotification = (
  ctx: OperationContext,
  id: string,
): Promise<OffsetNotificationRow> =>
  changing(ctx, { plans: false }, async (tx) => {
    const row = await getOffsetNotification(tx, ctx.environment.id, id);
    if (row.archived_at !== null) return row;
    return updateOffsetNotification(tx, id, { archived_at: instantText(ctx.now) });
  });

/** Switches the telling of a type of event on or off, for what happens from now on. */
export const switchSystemNotification = (
  ctx: OperationContext,
  type: LifecycleType,
  isEnabled: boolean,
): Promise<void> =>
  changing(ctx, { plans: isEnabled && !isAct(type) }, (tx) =>
    switchNotification(tx, ctx.environment.id, type, isEnabled ? instantText(ctx.now) : null),
  );

/** One change at a time; with `plans`, what lies ahead is planned by jobs of their own. */
const changing = <Result>(
  ctx: OperationContext,
  { plans }: { readonly plans: boolean },
  change: (tx: CoreTransaction) => Promise<Result>,
): Promise<Result> =>
  inTransaction(ctx.db, async (tx) => {
    await lockNotifications(tx, ctx.environment.id);
    const result = await change(tx);
    await noteNotifications(tx, ctx.environment.id);
    if (plans) await enqueuePlanning(tx, ctx, { id: randomUUID(), from: ctx.now, after: "0" });
    return result;
  });

function checkPolicy({ type, offset }: OffsetPolicy): void {
  const field = "policy.offset";
  const duration = readOffset(offset);
  if (duration === undefined) {
    throw invalid(
      `${field} must be an ISO 8601 duration in whole units of at most 100 years, such as P1D or -PT2H`,
      field,
    );
  }
  if (duration.sign < 0 && isAct(type)) {
    throw invalid(`${field}: nobody knows of ${type} before it happens`, field);
  }
}
