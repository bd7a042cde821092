import { faultPoint } from "../../platform/fault-points.ts";
import { enqueueJobs } from "../../platform/jobs/enqueue.ts";
import type { NewJob } from "../../platform/jobs/job-table.ts";
import { dropFollowUps, type FollowUpEvent } from "../follow-ups.ts";
import type { Scope } from "../scope.ts";
import { insertEvents } from "./events.ts";
import { insertDeliveries, listSubscribedEndpoints } from "./webhook-deliveries.ts";

/** The kind of the jobs that send events to webhook endpoints. */
export const DELIVER_WEBHOOK = "deliver-webhook";

/**
 * The lane of a delivery: events about one customer reach one endpoint in their order, other
 * customers' events need not wait for them.
 */
const laneOf = (endpoint: string, { customer }: FollowUpEvent): string =>
  customer === undefined ? endpoint : `${endpoint}:${customer}`;

/** One delivery for each endpoint that wants an event, and the jobs that make them. */
async function promiseDeliveries(
  scope: Scope,
  events: readonly FollowUpEvent[],
): Promise<NewJob[]> {
  const wanted: { readonly event: FollowUpEvent; readonly endpointId: string }[] = [];
  for (const event of events) {
    for (const { id } of await listSubscribedEndpoints(scope, event.type)) {
      wanted.push({ event, endpointId: id });
    }
  }
  const ids = await insertDeliveries(
    scope,
    wanted.map(({ event, endpointId }) => ({ eventId: event.id, endpointId })),
  );
  return wanted.map(({ event, endpointId }, index) => ({
    clock: scope.base.clock,
    kind: DELIVER_WEBHOOK,
    key: String(ids[index]),
    subject: laneOf(endpointId, event),
    payload: {
      accountId: scope.accountId,
      livemode: scope.livemode,
      deliveryId: String(ids[index]),
    },
    dueAt: scope.base.nowAt,
  }));
}

/**
 * Writes what the scope's work brought with it: the change, its events, the promises to tell of them
 * and the jobs that come of it commit together. To be called last in a transaction.
 */
export async function writeFollowUps(scope: Scope): Promise<void> {
  const { events, jobs } = scope.followUps;
  faultPoint("collect/follow-ups/gathered");
  await insertEvents(scope, events);
  faultPoint("collect/follow-ups/told");
  await enqueueJobs(scope.tx, "collect.jobs", [
    ...jobs,
    ...(await promiseDeliveries(scope, events)),
  ]);
  faultPoint("collect/follow-ups/promised");
  dropFollowUps(scope.followUps);
}
