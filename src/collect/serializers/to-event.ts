import type Stripe from "stripe";
import type { EventRow } from "../store/events.ts";
import { toUnix, type Wire } from "../wire.ts";

/** An event as Stripe's API shows it: the snapshot, and how many endpoints have not got it yet. */
export const toEvent = (
  row: EventRow,
  pendingWebhooks: number,
  apiVersion: string = row.api_version,
): Wire<Stripe.EventBase> => ({
  id: row.id,
  object: "event",
  api_version: apiVersion,
  created: toUnix(row.created_at),
  data: row.data,
  livemode: row.livemode,
  pending_webhooks: pendingWebhooks,
  request: { id: row.request_id, idempotency_key: row.idempotency_key },
  type: row.type as Stripe.Event.Type,
});
