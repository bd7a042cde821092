import { earlier, type Instant, isBefore } from "./time.ts";

/** How much a consent that is about to end presses. */
export type ConsentWarning = "ends_within_30_days" | "ends_within_7_days" | "ended";

const DAY_HOURS = 24;
/** So long ahead of its end a consent is warned of. */
export const CONSENT_WARNING_DAYS = 30;
const AT_ONCE_DAYS = 7;

/** When a consent is over: by idleness, or because every consent ends, whichever is first. Pure. */
export function consentEnd(
  idleAt: Instant | undefined,
  hardAt: Instant | undefined,
): Instant | undefined {
  if (idleAt === undefined || hardAt === undefined) return idleAt ?? hardAt;
  return earlier(idleAt, hardAt);
}

/** How near its end is; undefined: far away, or it has none. Pure. */
export function consentWarning(
  endsAt: Instant | undefined,
  now: Instant,
): ConsentWarning | undefined {
  if (endsAt === undefined) return undefined;
  const isWithin = (days: number) => !isBefore(now.add({ hours: days * DAY_HOURS }), endsAt);
  if (isWithin(0)) return "ended";
  if (isWithin(AT_ONCE_DAYS)) return "ends_within_7_days";
  return isWithin(CONSENT_WARNING_DAYS) ? "ends_within_30_days" : undefined;
}
