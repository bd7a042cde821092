import { type Instant, instant, instantText, isAfter, isBefore } from "../time.ts";

/** How an endpoint has been doing since its last success. Instants are on the environment's clock. */
export interface EndpointHealth {
  readonly consecutiveFailures: number;
  /** Those at the end of the row of failures that got no answer in time. */
  readonly consecutiveTimeouts: number;
  readonly failingSinceAt: string | null;
  /** While the endpoint fails, the one delivery that goes on trying. */
  readonly probeDeliveryId: string | null;
  readonly disabledAt: string | null;
}

export const HEALTHY: EndpointHealth = {
  consecutiveFailures: 0,
  consecutiveTimeouts: 0,
  failingSinceAt: null,
  probeDeliveryId: null,
  disabledAt: null,
};

export interface FailedTry {
  readonly deliveryId: string;
  /** Tries so far, this one included. */
  readonly attempts: number;
  /** Creation or the last replay of the delivery. */
  readonly tryingSinceAt: string;
  readonly timedOut: boolean;
}

export interface FailurePlan {
  /** `park`: wait without trying until the endpoint's probe has an outcome. */
  readonly next: "retry" | "park" | "give_up";
  /** When to try again, for `retry`. */
  readonly dueAt: string;
  readonly health: EndpointHealth;
}

const FIRST_RETRY_SECONDS = 15;
const MAX_RETRY_SECONDS = 15 * 60;
const GIVE_UP_HOURS = 48;
/** Timeouts count against an endpoint only when they go on for so long: a burst may be one hiccup. */
const SILENT_HOURS = 1;
/** A delivery's first try can come this late; failures from then on cover its whole time. */
const FIRST_TRIES_HOURS = 1;
/** From so many failures in a row on, one delivery probes for all of the endpoint. */
const PROBE_FROM = 5;

/** 15 s, 30 s, 1 min, ... 15 minutes at most. */
const retryAfter = (failures: number): number =>
  Math.min(FIRST_RETRY_SECONDS * 2 ** Math.min(failures - 1, 10), MAX_RETRY_SECONDS);

/**
 * True when a delivery should wait for the endpoint's probe without a try of its own: trying would
 * hold a worker for the whole time limit, and very likely in vain.
 */
export const shouldWaitForProbe = (deliveryId: string, health: EndpointHealth): boolean =>
  health.consecutiveTimeouts >= PROBE_FROM &&
  health.probeDeliveryId !== null &&
  health.probeDeliveryId !== deliveryId;

/**
 * What follows a failed try. A delivery is tried for two days. An endpoint that took nothing at all
 * in that time is disabled; so is one that for an hour let `maxTimeouts` tries in a row wait in vain,
 * where there is such a limit. While an endpoint fails, only one delivery goes on trying and the others are
 * parked after their first try, so that a dead endpoint costs the same however much waits for it. The
 * probe's tries are spaced by the endpoint's failures, because the probe may change.
 */
export function planAfterFailure(
  tried: FailedTry,
  before: EndpointHealth,
  now: Instant,
  maxTimeouts: number | undefined,
): FailurePlan {
  const consecutiveFailures = before.consecutiveFailures + 1;
  const consecutiveTimeouts = tried.timedOut ? before.consecutiveTimeouts + 1 : 0;
  const failingSinceAt = before.failingSinceAt ?? instantText(now);
  const failing = consecutiveFailures >= PROBE_FROM;
  const row = failing ? Math.max(tried.attempts, consecutiveFailures) : tried.attempts;
  const due = now.add({ seconds: retryAfter(row) });
  const dueAt = instantText(due);
  const since = instant(tried.tryingSinceAt);
  const expired = isAfter(due, since.add({ hours: GIVE_UP_HOURS }));
  const firstTries = since.add({ hours: FIRST_TRIES_HOURS });
  const tookNothing = !isAfter(instant(failingSinceAt), firstTries);
  const silentLong = !isBefore(now, instant(failingSinceAt).add({ hours: SILENT_HOURS }));
  const dead = silentLong && maxTimeouts !== undefined && consecutiveTimeouts >= maxTimeouts;
  const isProbe = before.probeDeliveryId === tried.deliveryId;
  const counts = { consecutiveFailures, consecutiveTimeouts, failingSinceAt };
  if (dead || (expired && tookNothing)) {
    const health = { ...counts, probeDeliveryId: null, disabledAt: instantText(now) };
    return { next: "give_up", dueAt, health };
  }
  const probeDeliveryId = isProbe ? null : before.probeDeliveryId;
  if (expired) {
    return { next: "give_up", dueAt, health: { ...counts, probeDeliveryId, disabledAt: null } };
  }
  if (failing && probeDeliveryId !== null) {
    return { next: "park", dueAt, health: { ...counts, probeDeliveryId, disabledAt: null } };
  }
  const probe = failing ? tried.deliveryId : null;
  return { next: "retry", dueAt, health: { ...counts, probeDeliveryId: probe, disabledAt: null } };
}
