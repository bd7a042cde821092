import type { LifecycleType } from "../../domain/notifications/lifecycle-types.ts";
import type { Environment } from "../../operations/context.ts";
import type { OffsetNotificationRow } from "../../store/notifications.ts";

/** A notification some time before or after an event. */
export const toOffsetNotificationView = (
  row: OffsetNotificationRow,
  environment: Environment,
): object => ({
  id: row.id,
  name: row.name,
  type: "OFFSET_LIFECYCLE_EVENT",
  policy: { type: row.type, offset: row.offset_duration },
  environment_type: environment.name,
  created_at: row.created_at,
  created_by: row.created_by,
  archived_at: row.archived_at,
});

/** A notification at an event itself. */
export const toSystemNotificationView = (type: LifecycleType, isEnabled: boolean): object => ({
  type: "SYSTEM_LIFECYCLE_EVENT",
  is_enabled: isEnabled,
  policy: { type },
});
