import { type Instant, Temporal } from "../../domain/time.ts";

/** Days from a failed automatic attempt to the next one; after the last there is none. */
const RETRY_DAYS: readonly number[] = [3, 5, 7];

/**
 * When a declined invoice is tried again. `attemptCount` includes the attempt that just failed at
 * `attemptedAt`; the days count from that attempt (Stripe docs: Automate payment retries).
 */
export function nextAttemptAt(attemptCount: number, attemptedAt: Instant): Instant | undefined {
  const days = RETRY_DAYS[attemptCount - 1];
  if (days === undefined) return undefined;
  return attemptedAt.add(Temporal.Duration.from({ hours: days * 24 }));
}
