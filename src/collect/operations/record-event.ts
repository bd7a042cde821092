import type Stripe from "stripe";
import { enqueueJob } from "../../platform/jobs/enqueue.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import { insertEvent } from "../store/events.ts";
import { insertDelivery, listSubscribedEndpoints } from "../store/webhook-deliveries.ts";
import type { WireObject } from "../wire.ts";
import { DELIVER_WEBHOOK, deliveryLane } from "./delivery-lane.ts";

/** The closed set of event types that the `stripe` package knows. */
export type EventType = Stripe.Event.Type;

export interface NewEvent {
  /** "invoice.paid" */
  readonly type: EventType;
  /** The rendered object, as it is after the change. */
  readonly object: WireObject & { readonly id?: string };
  /** For *.updated: the old values of what changed. */
  readonly previousAttributes?: Readonly<Record<string, unknown>>;
}

/**
 * Records an event in the scope's transaction, with one delivery and one job for each endpoint that
 * wants it: the change, its event and the promise to tell of it commit together.
 */
export async function recordEvent(scope: Scope, event: NewEvent): Promise<void> {
  // A preview is taken back: nobody could read of it.
  if (scope.onDraft !== undefined) return;
  const { type, object, previousAttributes } = event;
  const id = newId("evt");
  await insertEvent(scope, {
    id,
    type,
    objectId: object.id ?? "",
    data: {
      object: { ...object },
      ...(previousAttributes === undefined ? {} : { previous_attributes: previousAttributes }),
    },
  });
  for (const endpoint of await listSubscribedEndpoints(scope, type)) {
    const deliveryId = await insertDelivery(scope, {
      eventId: id,
      endpointId: endpoint.id,
    });
    await enqueueJob(scope.tx, "collect.jobs", {
      clock: scope.base.clock,
      kind: DELIVER_WEBHOOK,
      key: String(deliveryId),
      subject: deliveryLane(endpoint.id, object),
      payload: {
        accountId: scope.accountId,
        livemode: scope.livemode,
        deliveryId: String(deliveryId),
      },
      dueAt: scope.base.nowAt,
    });
  }
}
