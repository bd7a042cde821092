import { type Instant, isBefore, Temporal } from "../../domain/time.ts";

const minutes = (count: number): Temporal.Duration => Temporal.Duration.from({ minutes: count });

/** Waits after the first, second, ... failed attempt (Stripe docs: Webhooks, retry behavior). */
const WAITS: readonly Temporal.Duration[] = [
  Temporal.Duration.from({ seconds: 5 }),
  minutes(5),
  minutes(30),
  minutes(120),
  minutes(300),
  minutes(600),
];
const LATER_WAIT = minutes(720);
const GIVE_UP_AFTER = minutes(3 * 24 * 60);

/**
 * When to try again after the `attempts`th attempt failed at `now`, or undefined when three days
 * have passed since the delivery was promised.
 */
export function nextDeliveryAt(
  promisedAt: Instant,
  attempts: number,
  now: Instant,
): Instant | undefined {
  const next = now.add(WAITS[attempts - 1] ?? LATER_WAIT);
  return isBefore(promisedAt.add(GIVE_UP_AFTER), next) ? undefined : next;
}

/** An endpoint that nothing got through to for so long is switched off. */
export const isDead = (failingSince: Instant, now: Instant): boolean =>
  !isBefore(now, failingSince.add(GIVE_UP_AFTER));
