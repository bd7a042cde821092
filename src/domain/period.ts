import {
  earlier,
  type Instant,
  type Interval,
  isAfter,
  isBefore,
  later,
  type Temporal,
} from "./time.ts";

export type Frequency = "WEEKLY" | "MONTHLY" | "QUARTERLY" | "ANNUAL";

/** How often a subscription is billed. DAILY is an addition of our own. */
export type BillingFrequency = Frequency | "DAILY";

/** What the boundaries of billing periods are counted from. Calendar arithmetic is in UTC. */
export type PeriodAnchor =
  | { readonly day: "FIRST_OF_MONTH" }
  | { readonly day: "CONTRACT_START" }
  | { readonly day: "CUSTOM_DATE"; readonly anchorAt: Instant };

/** How a contract's time is cut into billing periods. */
export interface UsageSchedule {
  readonly frequency: Frequency;
  readonly anchor: PeriodAnchor;
  /** No automatic usage invoice bills time before it; null: the contract's start. */
  readonly invoiceGenerationStartingAt: Instant | null;
}

/** The time a contract covers; `endingBefore` null: without end. */
export interface ContractTerm {
  readonly startingAt: Instant;
  readonly endingBefore: Instant | null;
}

const ZONE = "UTC";

/** How far apart the boundaries are, as the calendar counts it. */
const STEP = {
  DAILY: { unit: "days", count: 1 },
  WEEKLY: { unit: "weeks", count: 1 },
  MONTHLY: { unit: "months", count: 1 },
  QUARTERLY: { unit: "months", count: 3 },
  ANNUAL: { unit: "months", count: 12 },
} as const satisfies Record<BillingFrequency, { unit: "days" | "weeks" | "months"; count: number }>;

/**
 * The periods that get a usage invoice, first to last, without end for an open-ended contract.
 *
 * They are half-open and leave no gap. The first one is a stub from the contract's start to the
 * next boundary, the last one is cut at the contract's end. A period that
 * `invoiceGenerationStartingAt` falls into is billed from that instant on, earlier ones not at all.
 */
export function* usagePeriods(schedule: UsageSchedule, term: ContractTerm): Generator<Interval> {
  let start = firstBilledAt(schedule, term);
  const anchor = anchorOf(schedule, term);
  for (let n = indexAfter(schedule.frequency, anchor, start); ; n += 1) {
    if (term.endingBefore !== null && !isBefore(start, term.endingBefore)) return;
    const boundary = nthBoundary(schedule.frequency, anchor, n);
    const end = term.endingBefore === null ? boundary : earlier(boundary, term.endingBefore);
    yield { start, end };
    start = end;
  }
}

/** The periods of `usagePeriods` that have begun at `until`: closed ones and the current one. */
export function periodsUntil(
  schedule: UsageSchedule,
  term: ContractTerm,
  until: Instant,
): Interval[] {
  const periods: Interval[] = [];
  for (const period of usagePeriods(schedule, term)) {
    if (isAfter(period.start, until)) break;
    periods.push(period);
  }
  return periods;
}

/** The period of `usagePeriods` that `at` falls into; undefined outside of all of them. */
export function periodContaining(
  schedule: UsageSchedule,
  term: ContractTerm,
  at: Instant,
): Interval | undefined {
  const firstBilled = firstBilledAt(schedule, term);
  if (isBefore(at, firstBilled)) return undefined;
  if (term.endingBefore !== null && !isBefore(at, term.endingBefore)) return undefined;
  const anchor = anchorOf(schedule, term);
  const n = indexAfter(schedule.frequency, anchor, at);
  const end = nthBoundary(schedule.frequency, anchor, n);
  return {
    start: later(nthBoundary(schedule.frequency, anchor, n - 1), firstBilled),
    end: term.endingBefore === null ? end : earlier(end, term.endingBefore),
  };
}

/**
 * The whole calendar period that `at` falls into, counted at `frequency` from the anchor of the
 * contract's usage periods and cut by neither end of the contract.
 */
export function wholePeriodContaining(
  frequency: BillingFrequency,
  schedule: UsageSchedule,
  term: ContractTerm,
  at: Instant,
): Interval {
  const anchor = anchorOf(schedule, term);
  const n = indexAfter(frequency, anchor, at);
  return { start: nthBoundary(frequency, anchor, n - 1), end: nthBoundary(frequency, anchor, n) };
}

const firstBilledAt = (schedule: UsageSchedule, term: ContractTerm): Instant =>
  schedule.invoiceGenerationStartingAt === null
    ? term.startingAt
    : later(term.startingAt, schedule.invoiceGenerationStartingAt);

/** The instant boundary 0 stands on. FIRST_OF_MONTH: the first midnight of a 1st from the start on. */
function anchorOf(schedule: UsageSchedule, term: ContractTerm): Temporal.PlainDateTime {
  const start = term.startingAt.toZonedDateTimeISO(ZONE).toPlainDateTime();
  switch (schedule.anchor.day) {
    case "CONTRACT_START":
      return start;
    case "CUSTOM_DATE":
      return schedule.anchor.anchorAt.toZonedDateTimeISO(ZONE).toPlainDateTime();
    case "FIRST_OF_MONTH": {
      const first = start.with({ day: 1 }).round({ smallestUnit: "day", roundingMode: "floor" });
      return first.equals(start) ? first : first.add({ months: 1 });
    }
  }
}

/**
 * Boundary n, counted from the anchor and not from its neighbour, so that an anchor on the 31st
 * comes back to the 31st after a short month. A missing day becomes the last of its month.
 */
function nthBoundary(
  frequency: BillingFrequency,
  anchor: Temporal.PlainDateTime,
  n: number,
): Instant {
  const { unit, count } = STEP[frequency];
  return anchor
    .add({ [unit]: n * count }, { overflow: "constrain" })
    .toZonedDateTime(ZONE)
    .toInstant();
}

/** The smallest n whose boundary is after `at`. */
function indexAfter(
  frequency: BillingFrequency,
  anchor: Temporal.PlainDateTime,
  at: Instant,
): number {
  const { unit, count } = STEP[frequency];
  const distance = anchor.until(at.toZonedDateTimeISO(ZONE).toPlainDateTime(), {
    largestUnit: unit,
  });
  // `until` truncates, and clamped month ends can shift it by one: start below and walk up.
  let n = Math.floor(distance[unit] / count) - 1;
  while (!isAfter(nthBoundary(frequency, anchor, n), at)) n += 1;
  return n;
}
