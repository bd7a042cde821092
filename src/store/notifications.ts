import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { OffsetNotificationsTable } from "../db/tables/notifications.ts";
import type { LifecycleType } from "../domain/notifications/lifecycle-types.ts";
import type { NotificationRule } from "../domain/notifications/notices.ts";
import { readOffset } from "../domain/notifications/offset-duration.ts";
import { instant } from "../domain/time.ts";
import { assert, conflict, notFound } from "../errors.ts";
import { violatedConstraint } from "../platform/database/database.ts";

export type OffsetNotificationRow = Selectable<OffsetNotificationsTable>;

/**
 * Whether the environment wants to be told of anything; that stays so until the transaction ends.
 * What somebody changes while notifications are switched on is either told or found by them.
 */
export async function holdNotifications(
  tx: CoreTransaction,
  environmentId: string,
): Promise<boolean> {
  const { tells_lifecycle } = await tx
    .selectFrom("environments")
    .select("tells_lifecycle")
    .where("id", "=", environmentId)
    .forShare()
    .executeTakeFirstOrThrow();
  return tells_lifecycle;
}

/**
 * Lets those who change the environment's notifications take turns, and waits for changes of contracts
 * and commits that do not know of the new ones.
 */
export async function lockNotifications(tx: CoreTransaction, environmentId: string): Promise<void> {
  await tx
    .selectFrom("environments")
    .select("id")
    .where("id", "=", environmentId)
    .forNoKeyUpdate()
    .execute();
}

/**
 * Notes whether anything is to be told, as the last thing in a transaction that changes notifications.
 * It is written even when it stays the same: a transaction of an older snapshot then runs again.
 */
export async function noteNotifications(tx: CoreTransaction, environmentId: string): Promise<void> {
  await sql`
    update environments set tells_lifecycle =
      exists (select from system_notifications s
        where s.environment_id = environments.id and s.enabled_at is not null)
      or exists (select from offset_notifications o
        where o.environment_id = environments.id and o.archived_at is null)
    where id = ${environmentId}`.execute(tx);
}

/** Everything that the environment wants to be told of. */
export async function listRules(db: CoreDb, environmentId: string): Promise<NotificationRule[]> {
  const system = await listEnabledTypes(db, environmentId);
  const offsets = await db
    .selectFrom("offset_notifications")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("archived_at", "is", null)
    .orderBy("position")
    .execute();
  return [
    ...[...system].map(([type, enabledAt]) => ({
      type,
      offset: null,
      activeFrom: instant(enabledAt),
    })),
    ...offsets.map(toRule),
  ];
}

function toRule({ id, type, offset_duration: text, active_from }: OffsetNotificationRow) {
  const duration = readOffset(text);
  assert(duration !== undefined, `the offset of notification ${id} was checked`);
  const offset = { id, text, duration };
  return { type: type as LifecycleType, offset, activeFrom: instant(active_from) };
}

/** The types that are on, each with the instant since when. */
export async function listEnabledTypes(
  db: CoreDb,
  environmentId: string,
): Promise<ReadonlyMap<LifecycleType, string>> {
  const rows = await db
    .selectFrom("system_notifications")
    .select(["type", "enabled_at"])
    .where("environment_id", "=", environmentId)
    .execute();
  return new Map(
    rows.flatMap(({ type, enabled_at: at }) => (at === null ? [] : [[type as LifecycleType, at]])),
  );
}

/** Switches a type on or off (null). One that is on stays on since when it was. */
export async function switchNotification(
  tx: CoreTransaction,
  environmentId: string,
  type: LifecycleType,
  enabledAt: string | null,
): Promise<void> {
  await tx
    .insertInto("system_notifications")
    .values({ environment_id: environmentId, type, enabled_at: enabledAt })
    .onConflict((clash) =>
      clash.columns(["environment_id", "type"]).doUpdateSet({
        enabled_at:
          enabledAt === null
            ? null
            : sql<string>`coalesce(system_notifications.enabled_at, excluded.enabled_at)`,
      }),
    )
    .execute();
}

export type NewOffsetNotification = Omit<OffsetNotificationRow, "id" | "position" | "archived_at">;

/** Adds a notification. Throws conflict when the uniqueness key was used before. */
export async function insertOffsetNotification(
  tx: CoreTransaction,
  notification: NewOffsetNotification,
): Promise<OffsetNotificationRow> {
  return tx
    .insertInto("offset_notifications")
    .values({ ...notification, archived_at: null })
    .returningAll()
    .executeTakeFirstOrThrow()
    .catch((error: unknown) => {
      if (violatedConstraint(error) === "offset_notifications_uniqueness_key") {
        throw conflict("This uniqueness key has already been used.", "uniqueness_key_used");
      }
      throw error;
    });
}

/** The environment's notification of that id, archived or not. Throws not found. */
export async function getOffsetNotification(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<OffsetNotificationRow> {
  const row = await db
    .selectFrom("offset_notifications")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .executeTakeFirst();
  if (row === undefined) throw notFound("notification config", id);
  return row;
}

/** Changes a notification. */
export async function updateOffsetNotification(
  tx: CoreTransaction,
  id: string,
  columns: Partial<Pick<OffsetNotificationRow, "offset_duration" | "active_from" | "archived_at">>,
): Promise<OffsetNotificationRow> {
  return tx
    .updateTable("offset_notifications")
    .set(columns)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export interface OffsetNotificationFilter {
  readonly environmentId: string;
  readonly archived: "ARCHIVED" | "NOT_ARCHIVED" | "ALL";
  readonly after: bigint | undefined;
  readonly limit: number;
}

/** One page of notifications, oldest first; one row more than `limit`. */
export async function listOffsetNotifications(
  db: CoreDb,
  { environmentId, archived, after, limit }: OffsetNotificationFilter,
): Promise<OffsetNotificationRow[]> {
  return db
    .selectFrom("offset_notifications")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("position", ">", after ?? 0n)
    .$if(archived !== "ALL", (query) =>
      query.where("archived_at", archived === "ARCHIVED" ? "is not" : "is", null),
    )
    .orderBy("position")
    .limit(limit + 1)
    .execute();
}
