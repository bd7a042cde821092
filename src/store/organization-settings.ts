import type { CoreDb, CoreTransaction } from "../db/database.ts";

/** How an organization's bills come about, as far as the integrations surface sets it. */
export interface OrganizationSettings {
  /** Minutes between calculations of every draft; null: no schedule. */
  readonly scheduledBillIntervalMinutes: number | null;
  /** When the schedule is next due; null: it is off. */
  readonly nextScheduledAt: string | null;
  readonly daysBeforeBillDue: number | null;
  readonly version: number;
  readonly updatedAt: string | null;
  readonly updatedBy: string | null;
}

const NO_SETTINGS: OrganizationSettings = {
  scheduledBillIntervalMinutes: null,
  nextScheduledAt: null,
  daysBeforeBillDue: null,
  version: 1,
  updatedAt: null,
  updatedBy: null,
};

/** The environment's settings, the initial ones when nobody set any. */
export async function getOrganizationSettings(
  db: CoreDb,
  environmentId: string,
): Promise<OrganizationSettings> {
  const row = await db
    .selectFrom("organization_settings")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .executeTakeFirst();
  if (row === undefined) return NO_SETTINGS;
  return {
    scheduledBillIntervalMinutes: row.scheduled_bill_interval_minutes,
    nextScheduledAt: row.next_scheduled_at,
    daysBeforeBillDue: row.days_before_bill_due,
    version: row.version,
    updatedAt: row.updated_at,
    updatedBy: row.updated_by,
  };
}

/** As getOrganizationSettings, in the turn of all who change them or make bill jobs. */
export async function lockOrganizationSettings(
  tx: CoreTransaction,
  environmentId: string,
): Promise<OrganizationSettings> {
  await tx
    .selectFrom("environments")
    .select("id")
    .where("id", "=", environmentId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  return getOrganizationSettings(tx, environmentId);
}

/** Replaces the environment's settings. */
export async function writeOrganizationSettings(
  tx: CoreTransaction,
  environmentId: string,
  settings: OrganizationSettings & { readonly updatedAt: string; readonly updatedBy: string },
): Promise<void> {
  const columns = {
    scheduled_bill_interval_minutes: settings.scheduledBillIntervalMinutes,
    next_scheduled_at: settings.nextScheduledAt,
    days_before_bill_due: settings.daysBeforeBillDue,
    version: settings.version,
    updated_at: settings.updatedAt,
    updated_by: settings.updatedBy,
  };
  await tx
    .insertInto("organization_settings")
    .values({ environment_id: environmentId, ...columns })
    .onConflict((clash) => clash.column("environment_id").doUpdateSet(columns))
    .execute();
}

/** Moves the schedule on, which changes no setting. */
export async function updateNextSchedule(
  tx: CoreTransaction,
  environmentId: string,
  nextScheduledAt: string,
): Promise<void> {
  await tx
    .updateTable("organization_settings")
    .set({ next_scheduled_at: nextScheduledAt })
    .where("environment_id", "=", environmentId)
    .execute();
}
