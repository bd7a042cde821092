import { type Instant, Temporal } from "../../domain/time.ts";

/**
 * When a declined invoice is tried again. `attemptCount` includes the attempt that just failed at
 * `attemptedAt`; the account's days count from that attempt (Stripe docs: Automate payment retries).
 */
export function nextAttemptAt(
  retryDays: readonly number[],
  attemptCount: number,
  attemptedAt: Instant,
): Instant | undefined {
  const days = retryDays[attemptCount - 1];
  if (days === undefined) return undefined;
  return attemptedAt.add(Temporal.Duration.from({ hours: days * 24 }));
}
