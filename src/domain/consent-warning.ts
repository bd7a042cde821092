import { earlier, type Instant, instant, instantText, isBefore } from "./time.ts";

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

/** A warning that was given, and of which end. */
export interface GivenWarning {
  readonly warning: ConsentWarning;
  readonly endsAt: Instant;
}

/** In the order in which they come before one end. */
const STEPS: readonly ConsentWarning[] = ["ends_within_30_days", "ends_within_7_days", "ended"];
/** Renewals count the seconds to an end anew, so that one end comes out a little earlier or later each time. */
const SAME_END_HOURS = 24;

/** Whether a warning says more than the last one of the same end did, or is of another end. Pure. */
export function isConsentNews(given: GivenWarning | undefined, next: GivenWarning): boolean {
  if (given === undefined) return true;
  const [first, last] = isBefore(given.endsAt, next.endsAt) ? [given, next] : [next, given];
  const isSameEnd = isBefore(last.endsAt, first.endsAt.add({ hours: SAME_END_HOURS }));
  return !isSameEnd || STEPS.indexOf(next.warning) > STEPS.indexOf(given.warning);
}

/** As it is stored: the warning and the end, with a blank between. */
export const toWarningText = ({ warning, endsAt }: GivenWarning): string =>
  `${warning} ${instantText(endsAt)}`;

/** Reads what is stored; undefined: nothing of that form. */
export function fromWarningText(text: string | null): GivenWarning | undefined {
  const [word, end] = (text ?? "").split(" ");
  const warning = STEPS.find((step) => step === word);
  return warning === undefined || end === undefined ? undefined : { warning, endsAt: instant(end) };
}
