import { instant, instantText } from "../../domain/time.ts";
import { assert } from "../../errors.ts";
import { faultPoint } from "../../platform/fault-points.ts";
import { fewAtATime } from "../../platform/few-at-a-time.ts";
import type { BatchHandler, JobHandler, JobOutcome } from "../../platform/jobs/job-handler.ts";
import type { Job } from "../../platform/jobs/job-table.ts";
import type { Outgoing } from "../../platform/network/outgoing.ts";
import { unseal, type Vault } from "../../platform/secrets/encryption.ts";
import { CURRENT_VERSION } from "../api-version.ts";
import { isDead, nextDeliveryAt } from "../domain/delivery-schedule.ts";
import { signWebhook } from "../domain/webhook-signature.ts";
import { type CollectContext, forEachInScope, inScope, type Owner } from "../in-scope.ts";
import { noteCreationDelivered } from "../operations/note-creation-delivered.ts";
import type { Scope } from "../scope.ts";
import { toEvent } from "../serializers/to-event.ts";
import type { EventRow } from "../store/events.ts";
import {
  countPending,
  disableEndpoint,
  listOpenDeliveries,
  markDelivered,
  markFailing,
  markReachable,
  type OpenDelivery,
  updateDelivery,
} from "../store/webhook-deliveries.ts";
import { forEachOwner } from "./for-each-owner.ts";

/** Real time; a receiver answers at once and works later. */
const TIMEOUT_MS = 5000;
const MAX_ERROR_LENGTH = 500;
/** Calls at one time, of one batch: a receiver may be small. */
const AT_ONCE = 8;

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

/** What the endpoints sign with, in clear; each is opened once for all that goes to it. */
function openSecrets(vault: Vault, deliveries: readonly OpenDelivery[]): Map<string, string> {
  const endpoints = new Map(deliveries.map(({ endpoint }) => [endpoint.id, endpoint]));
  return new Map([...endpoints].map(([id, { secret }]) => [id, unseal(vault, secret)]));
}

async function send(
  outgoing: Outgoing,
  { endpoint, event }: OpenDelivery,
  secret: string,
  pending: number,
): Promise<Answer> {
  const body = JSON.stringify(toEvent(event, pending, endpoint.api_version ?? CURRENT_VERSION));
  const sentAtSeconds = Math.floor(Date.now() / 1000);
  try {
    const { status } = await outgoing.post(endpoint.url, {
      headers: {
        "content-type": "application/json; charset=utf-8",
        "stripe-signature": signWebhook(body, secret, sentAtSeconds),
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

/** Notes that an attempt failed, and comes back by the schedule or gives up. */
async function settleFailure(
  scope: Scope,
  { delivery, endpoint }: OpenDelivery,
  answer: Answer,
): Promise<JobOutcome> {
  const attempts = delivery.attempts + 1;
  const now = instant(scope.nowAt);
  const next = nextDeliveryAt(instant(delivery.promised_at), attempts, now);
  const state = next === undefined ? "failed" : "pending";
  await updateDelivery(scope, delivery.id, { ...answer, attempts, state, deliveredAt: null });
  if (isDead(instant(await markFailing(scope, endpoint.id)), now)) {
    await disableEndpoint(scope, endpoint.id);
    return undefined;
  }
  return next && { outcome: "retry", dueAt: instantText(next), reason: answer.error ?? "" };
}

interface Sent {
  readonly open: OpenDelivery;
  readonly answer: Answer;
}

const isCreation = ({ type }: EventRow): boolean => type === "invoice.created";

/** Notes the answers; returns what is to become of those that failed. */
async function settle(scope: Scope, sent: readonly Sent[]): Promise<Map<bigint, JobOutcome>> {
  const made = sent.filter(({ answer }) => answer.error === null);
  await markDelivered(
    scope,
    made.map(({ open, answer }) => ({ id: open.delivery.id, status: answer.status })),
  );
  await markReachable(scope, [...new Set(made.map(({ open }) => open.endpoint.id))]);
  const created = made.map(({ open: { event } }) => event).filter(isCreation);
  const invoices = [...new Set(created.map((event) => event.object_id))].toSorted();
  await forEachInScope(scope, invoices, noteCreationDelivered);
  const outcomes = new Map<bigint, JobOutcome>();
  for (const { open, answer } of sent) {
    if (answer.error === null) continue;
    outcomes.set(open.delivery.id, await settleFailure(scope, open, answer));
  }
  return outcomes;
}

/**
 * Sends events to endpoints at once, each signed anew at each attempt. The calls are made between two
 * transactions, so a process that dies in between sends them again: receivers get them at least once.
 */
export function deliverWebhooks(context: CollectContext, outgoing: Outgoing): BatchHandler {
  return (jobs) =>
    forEachOwner(jobs.map(readPayload), async (owner, parts) => {
      const ids = parts.map(({ deliveryId }) => deliveryId);
      const { found, pending } = await inScope(context, owner, async (scope) => {
        const open = [...(await listOpenDeliveries(scope, ids)).values()];
        const events = open.map(({ event }) => event.id);
        return { found: open, pending: await countPending(scope, events) };
      });
      if (found.length === 0) return parts.map(() => undefined);
      faultPoint("collect/deliver/claimed");
      const secrets = openSecrets(context.vault, found);
      const sent = await fewAtATime(AT_ONCE, found, async (open) => {
        const secret = secrets.get(open.endpoint.id);
        assert(secret !== undefined, "the secret of every endpoint was opened");
        const answer = await send(outgoing, open, secret, pending.get(open.event.id) ?? 0);
        return { open, answer };
      });
      faultPoint("collect/deliver/sent");
      const outcomes = await inScope(context, owner, (scope) => settle(scope, sent));
      return ids.map((id) => outcomes.get(id));
    });
}

/** Sends one event to one endpoint. */
export function deliverWebhook(context: CollectContext, outgoing: Outgoing): JobHandler {
  const deliver = deliverWebhooks(context, outgoing);
  return async (job) => (await deliver([job]))[0];
}
