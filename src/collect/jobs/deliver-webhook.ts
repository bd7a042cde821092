import { instant, instantText } from "../../domain/time.ts";
import { assert } from "../../errors.ts";
import { faultPoint } from "../../platform/fault-points.ts";
import type { Job } from "../../platform/jobs/job-table.ts";
import type { JobHandler, JobOutcome } from "../../platform/jobs/runner.ts";
import type { Outgoing } from "../../platform/network/outgoing.ts";
import { unseal } from "../../platform/secrets/encryption.ts";
import { CURRENT_VERSION } from "../api-version.ts";
import { isDead, nextDeliveryAt } from "../domain/delivery-schedule.ts";
import { signWebhook } from "../domain/webhook-signature.ts";
import { type CollectContext, inScope, type Owner } from "../in-scope.ts";
import { noteCreationDelivered } from "../operations/note-creation-delivered.ts";
import type { Scope } from "../scope.ts";
import { toEvent } from "../serializers/to-event.ts";
import {
  countPending,
  disableEndpoint,
  findOpenDelivery,
  markFailing,
  markReachable,
  type OpenDelivery,
  updateDelivery,
} from "../store/webhook-deliveries.ts";

/** Real time; a receiver answers at once and works later. */
const TIMEOUT_MS = 5000;
const MAX_ERROR_LENGTH = 500;

interface Payload extends Owner {
  readonly deliveryId: bigint;
}

function readPayload({ payload }: Job): Payload {
  const { accountId, livemode, deliveryId } = payload;
  assert(
    typeof accountId === "string" &&
      typeof livemode === "boolean" &&
      typeof deliveryId === "string",
    "the payload of a delivery names the delivery and whose it is",
  );
  return { accountId, livemode, deliveryId: BigInt(deliveryId) };
}

/** What an attempt came to: the receiver's status, or why there was none. */
interface Answer {
  readonly status: number | null;
  readonly error: string | null;
}

async function send(
  { vault }: CollectContext,
  outgoing: Outgoing,
  { endpoint, event }: OpenDelivery,
  pending: number,
): Promise<Answer> {
  const body = JSON.stringify(toEvent(event, pending, endpoint.api_version ?? CURRENT_VERSION));
  const sentAtSeconds = Math.floor(Date.now() / 1000);
  try {
    const { status } = await outgoing.post(endpoint.url, {
      headers: {
        "content-type": "application/json; charset=utf-8",
        "stripe-signature": signWebhook(body, unseal(vault, endpoint.secret), sentAtSeconds),
        "user-agent": "Ledgerline-Collect/1.0 (webhooks)",
      },
      body,
      timeoutMs: TIMEOUT_MS,
    });
    const ok = status >= 200 && status < 300;
    return { status, error: ok ? null : `The endpoint answered ${status}` };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { status: null, error: message.slice(0, MAX_ERROR_LENGTH) };
  }
}

/** Notes the answer; for a failure, comes back by the schedule or gives up. */
async function settle(scope: Scope, open: OpenDelivery, answer: Answer): Promise<JobOutcome> {
  const { delivery, endpoint, event } = open;
  const attempts = delivery.attempts + 1;
  if (answer.error === null) {
    const deliveredAt = scope.nowAt;
    await updateDelivery(scope, delivery.id, {
      ...answer,
      attempts,
      state: "delivered",
      deliveredAt,
    });
    await markReachable(scope, endpoint.id);
    if (event.type === "invoice.created") await noteCreationDelivered(scope, event.object_id);
    return undefined;
  }
  const now = instant(scope.nowAt);
  const next = nextDeliveryAt(instant(delivery.promised_at), attempts, now);
  const state = next === undefined ? "failed" : "pending";
  await updateDelivery(scope, delivery.id, { ...answer, attempts, state, deliveredAt: null });
  if (isDead(instant(await markFailing(scope, endpoint.id)), now)) {
    await disableEndpoint(scope, endpoint.id);
    return undefined;
  }
  return next && { outcome: "retry", dueAt: instantText(next), reason: answer.error };
}

/**
 * Sends one event to one endpoint, signed anew at each attempt. The call is made between two
 * transactions, so a process that dies in between sends it again: receivers get it at least once.
 */
export function deliverWebhook(context: CollectContext, outgoing: Outgoing): JobHandler {
  return async (job) => {
    const { deliveryId, ...owner } = readPayload(job);
    const found = await inScope(context, owner, async (scope) => {
      const open = await findOpenDelivery(scope, deliveryId);
      if (open === undefined) return undefined;
      const pending = await countPending(scope, [open.event.id]);
      return { open, pending: pending.get(open.event.id) ?? 0 };
    });
    if (found === undefined) return undefined;
    faultPoint("collect/deliver/claimed");
    const answer = await send(context, outgoing, found.open, found.pending);
    faultPoint("collect/deliver/sent");
    return inScope(context, owner, (scope) => settle(scope, found.open, answer));
  };
}
