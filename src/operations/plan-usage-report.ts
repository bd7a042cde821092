import type { CoreTransaction } from "../db/database.ts";
import { billableStatusAt } from "../domain/invoices/billable-status.ts";
import { instant, instantText, isAfter } from "../domain/time.ts";
import {
  type MeteredDraft,
  planReport,
  REPORTED_CURRENCY,
  windowBefore,
} from "../domain/usage-reports/usage-report.ts";
import { inTransaction } from "../platform/database/database.ts";
import { enqueueJob } from "../platform/jobs/enqueue.ts";
import { listBillableStatuses } from "../store/billable-statuses.ts";
import {
  type BillingConfiguration,
  findBillingConfiguration,
} from "../store/billing-configurations.ts";
import type { Connection } from "../store/connection.ts";
import { findInvoiceRoute } from "../store/invoice-routes.ts";
import {
  addReported,
  listMeteredInvoices,
  takeMeterTurn,
  type UsageMeter,
} from "../store/usage-meters.ts";
import { insertReport } from "../store/usage-reports.ts";
import type { OperationContext } from "./context.ts";
import { findRouteConnection } from "./find-route-connection.ts";
import { rateDrafts } from "./rate-drafts.ts";
import { withSettings } from "./read-connections.ts";

/**
 * Plans what a billing configuration reports of the hour that is over: all that its invoices have come to and
 * that was not reported, in one transaction with the intent to send it. An hour is planned once. What could
 * not be planned in its hour is part of the next. False: the configuration has ended.
 */
export async function planUsageReport(
  ctx: OperationContext,
  configurationId: string,
): Promise<boolean> {
  const plan = async (tx: CoreTransaction): Promise<boolean> => {
    const configuration = await findBillingConfiguration(tx, ctx.environment.id, configurationId);
    if (configuration === undefined || configuration.archivedAt !== null) return false;
    const connection = await findRouteConnection(tx, ctx.environment.id, configuration);
    // Without an account nothing is reported; what comes up meanwhile is reported once there is one.
    if (connection === undefined) return true;
    const meter = await takeMeterTurn(tx, configurationId, windowBefore(ctx.now).end);
    if (meter !== undefined) {
      await planWindow(tx, ctx, {
        configuration,
        connection: withSettings(ctx, connection),
        meter,
      });
    }
    return true;
  };
  return inTransaction(ctx.db, plan, { oneSnapshot: true });
}

interface Metering {
  readonly configuration: BillingConfiguration;
  readonly connection: Connection;
  readonly meter: UsageMeter;
}

async function planWindow(
  tx: CoreTransaction,
  ctx: OperationContext,
  { configuration, connection, meter }: Metering,
): Promise<void> {
  const reporter = ctx.services.usageReporters[meter.provider];
  if (reporter === undefined) throw new Error(`No reporter ${meter.provider}`);
  const { configurationId, customerId } = meter;
  const drafts = await listMeteredDrafts({ ...ctx, db: tx }, customerId);
  const known = await listMeteredInvoices(tx, customerId);
  const { quantity, parts } = planReport(configurationId, drafts, known);
  if (quantity === 0n) return;
  const window = windowBefore(ctx.now);
  const record = reporter.toRecord(
    { window, quantity },
    configuration.configuration,
    connection.settings,
  );
  await insertReport(tx, ctx.environment.id, {
    customerId,
    configurationId,
    connectionId: connection.id,
    provider: meter.provider,
    ...record,
    windowStart: instantText(window.start),
    windowEnd: instantText(window.end),
    deadlineAt: instantText(window.start.add({ hours: reporter.hoursToReport })),
    quantity,
    parts,
    createdAt: instantText(ctx.now),
  });
  await addReported(tx, configurationId, parts);
  // A little later, so that reports of the same hour go in the same calls.
  const dueAt = instantText(ctx.now.add({ minutes: 1 }));
  await enqueueSending(tx, ctx, { connectionId: connection.id, ...record }, dueAt);
}

/** The drafts of a customer's running periods that go where usage is taken. */
async function listMeteredDrafts(
  ctx: OperationContext,
  customerId: string,
): Promise<MeteredDraft[]> {
  const { drafts } = await rateDrafts(ctx, customerId);
  const statuses = await listBillableStatuses(ctx.db, customerId);
  const metered: MeteredDraft[] = [];
  for (const { record, rated } of drafts) {
    const { id, type, startAt, creditTypeId } = record;
    // What is scheduled counts from the instant on at which it is issued, which makes it final.
    if (type !== "USAGE" || startAt === null || isAfter(instant(startAt), ctx.now)) continue;
    if (creditTypeId !== REPORTED_CURRENCY.id) continue;
    if (billableStatusAt(statuses, startAt) === "unbillable") continue;
    const route = await findInvoiceRoute(ctx.db, record);
    if (route === undefined || !Object.hasOwn(ctx.services.usageReporters, route.provider))
      continue;
    const { configurationId } = route;
    metered.push({ invoiceId: id, configurationId, total: rated.total });
  }
  return metered;
}

/** Lets reports that go in the same calls be sent at that time, or sooner than they would be. */
export const enqueueSending = (
  tx: CoreTransaction,
  { environment }: OperationContext,
  { connectionId, batchKey }: { readonly connectionId: string; readonly batchKey: string },
  dueAt: string,
): Promise<void> =>
  enqueueJob(tx, "core_jobs", {
    clock: environment.name,
    kind: "send-usage-reports",
    key: `${connectionId}:${batchKey}`,
    resource: `usage-reports:${connectionId}`,
    payload: { connectionId, batchKey },
    dueAt,
  });
