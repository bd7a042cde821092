import type { CoreTransaction } from "../db/database.ts";
import type { AlertTrigger } from "../db/tables/alerts.ts";
import { type Instant, instantText } from "../domain/time.ts";
import { enqueueJobs } from "../platform/jobs/enqueue.ts";
import type { ClockName, NewJob } from "../platform/jobs/job-table.ts";
import { findWatch, type WatchedCustomer } from "../store/watched-customers.ts";
import type { OperationContext } from "./context.ts";

/**
 * Lets the customer's thresholds and alerts be looked at again, if any is enabled: in the transaction
 * of whatever may have changed a balance, usage or an invoice. One job of each kind for each customer:
 * what was asked for meanwhile is answered by one look.
 */
export async function requestThresholdEvaluation(
  tx: CoreTransaction,
  ctx: OperationContext,
  customerId: string,
): Promise<void> {
  const watch = await findWatch(tx, ctx.environment.id, customerId);
  await enqueueEvaluations(tx, [{ customerId, ...watch }], {
    clock: ctx.environment.name,
    trigger: "change",
    at: ctx.now,
  });
}

/** As requestThresholdEvaluation, where only alerts can be concerned. */
export async function requestAlertEvaluation(
  tx: CoreTransaction,
  ctx: OperationContext,
  customerId: string,
): Promise<void> {
  const { alerts } = await findWatch(tx, ctx.environment.id, customerId);
  await enqueueEvaluations(tx, [{ customerId, thresholds: false, alerts }], {
    clock: ctx.environment.name,
    trigger: "change",
    at: ctx.now,
  });
}

/** Why and when customers are looked at. */
export interface EvaluationRequest {
  readonly clock: ClockName;
  readonly trigger: AlertTrigger;
  readonly at: Instant;
}

/** Lets what watches these customers be evaluated, in one statement. */
export const enqueueEvaluations = (
  tx: CoreTransaction,
  customers: readonly WatchedCustomer[],
  request: EvaluationRequest,
): Promise<void> =>
  enqueueJobs(
    tx,
    "core_jobs",
    customers.flatMap((customer) => toJobs(customer, request)),
  );

/** Usage that arrives all the time is looked at once a second, where time is real. */
const GATHER_SECONDS = 1;

function toJobs(
  { customerId, thresholds, alerts }: WatchedCustomer,
  { clock, trigger, at }: EvaluationRequest,
): NewJob[] {
  const job = { clock, key: customerId, subject: customerId };
  const gathers = trigger === "usage" && clock === "PRODUCTION";
  const lookAt = instantText(gathers ? at.add({ seconds: GATHER_SECONDS }) : at);
  const why = { customerId, trigger, askedAt: lookAt };
  return [
    ...(thresholds
      ? [{ ...job, kind: "evaluate-thresholds", payload: { customerId }, dueAt: instantText(at) }]
      : []),
    ...(alerts ? [{ ...job, kind: "evaluate-alerts", payload: why, dueAt: lookAt }] : []),
  ];
}
