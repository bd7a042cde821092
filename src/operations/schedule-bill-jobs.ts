import { type Instant, instant, instantText, isAfter } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { enqueueJob } from "../platform/jobs/enqueue.ts";
import { hasOpenScheduledJob } from "../store/bill-jobs.ts";
import {
  lockOrganizationSettings,
  type OrganizationSettings,
  updateNextSchedule,
  writeOrganizationSettings,
} from "../store/organization-settings.ts";
import type { OperationContext } from "./context.ts";
import { enqueueBillJob } from "./create-bill-job.ts";
import { refuseOtherVersion } from "./refuse-other-version.ts";

export type OrganizationSettingChanges = Pick<
  OrganizationSettings,
  "scheduledBillIntervalMinutes" | "daysBeforeBillDue"
>;

/**
 * Replaces the organization's settings of bills. An interval counts from now on the environment's clock;
 * the same one again goes on as it did. `check` sees the settings as they are and may refuse. Throws
 * conflict when `version` is not their present one.
 */
export async function changeOrganizationSettings(
  ctx: OperationContext,
  changes: OrganizationSettingChanges,
  {
    version,
    check,
  }: { readonly version: number; readonly check: (present: OrganizationSettings) => void },
): Promise<OrganizationSettings> {
  return inTransaction(ctx.db, async (tx) => {
    const present = await lockOrganizationSettings(tx, ctx.environment.id);
    refuseOtherVersion("organization's configuration", present.version, version);
    check(present);
    const minutes = changes.scheduledBillIntervalMinutes;
    const isSame = minutes === present.scheduledBillIntervalMinutes;
    const settings = {
      ...changes,
      nextScheduledAt:
        minutes === null
          ? null
          : isSame
            ? present.nextScheduledAt
            : instantText(ctx.now.add({ minutes })),
      version: version + 1,
      updatedAt: instantText(ctx.now),
      updatedBy: ctx.actor,
    };
    await writeOrganizationSettings(tx, ctx.environment.id, settings);
    if (settings.nextScheduledAt !== null) {
      await enqueueJob(tx, "core_jobs", {
        clock: ctx.environment.name,
        kind: "schedule-bill-job",
        key: ctx.environment.id,
        payload: {},
        dueAt: settings.nextScheduledAt,
      });
    }
    return settings;
  });
}

/**
 * Asks for all drafts to be calculated when the schedule is due, unless the last such job still runs.
 * Answers when to come back; undefined: the schedule is off. Safe to repeat: what is not due waits.
 */
export async function scheduleBillJob(ctx: OperationContext): Promise<string | undefined> {
  return inTransaction(ctx.db, async (tx) => {
    const environmentId = ctx.environment.id;
    const settings = await lockOrganizationSettings(tx, environmentId);
    const { scheduledBillIntervalMinutes: minutes, nextScheduledAt } = settings;
    if (minutes === null || nextScheduledAt === null) return undefined;
    const dueAt = instant(nextScheduledAt);
    if (isAfter(dueAt, ctx.now)) return nextScheduledAt;
    if (!(await hasOpenScheduledJob(tx, environmentId))) {
      await enqueueBillJob(tx, ctx, { type: "RECALCULATE", terms: {}, scheduled: true });
    }
    const next = instantText(firstAfter(dueAt, minutes, ctx.now));
    await updateNextSchedule(tx, environmentId, next);
    return next;
  });
}

/** The rhythm is kept; what was missed while nobody worked is not made up for. */
function firstAfter(dueAt: Instant, minutes: number, now: Instant): Instant {
  const interval = minutes * 60_000;
  const passed = Math.floor((now.epochMilliseconds - dueAt.epochMilliseconds) / interval);
  return dueAt.add({ milliseconds: (passed + 1) * interval });
}
