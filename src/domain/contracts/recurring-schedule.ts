import { type Decimal, dec, divide, ONE, round, sum, toText } from "../decimal.ts";
import { type Instant, isBefore } from "../time.ts";

export type ChargeFrequency = "WEEKLY" | "MONTHLY" | "QUARTERLY" | "SEMI_ANNUAL" | "ANNUAL";

/**
 * - EACH: every date bills the whole amount.
 * - DIVIDED: the dates share the amount evenly, to 12 decimals; the last one takes what is left.
 * - DIVIDED_ROUNDED: as DIVIDED, each share rounded to what the currency can express.
 */
export type AmountDistribution = "EACH" | "DIVIDED" | "DIVIDED_ROUNDED";

export interface RecurringSchedule {
  /** The first date. */
  readonly startingAt: Instant;
  /** No date falls on or after it. */
  readonly endingBefore: Instant;
  readonly frequency: ChargeFrequency;
  readonly distribution: AmountDistribution;
  /** In the wire unit of the credit type; what is shared is quantity x unitPrice. */
  readonly unitPrice: Decimal;
  readonly quantity: Decimal;
  /** Decimals of the smallest payable amount in the wire unit: 0 for USD (cents), 2 for EUR. */
  readonly decimals: number;
}

/** One dated amount: `amount` = `quantity` x `unitPrice`, exactly. */
export interface DatedAmount {
  readonly at: Instant;
  readonly quantity: Decimal;
  readonly unitPrice: Decimal;
  readonly amount: Decimal;
}

const STEP = {
  WEEKLY: { unit: "weeks", count: 1 },
  MONTHLY: { unit: "months", count: 1 },
  QUARTERLY: { unit: "months", count: 3 },
  SEMI_ANNUAL: { unit: "months", count: 6 },
  ANNUAL: { unit: "months", count: 12 },
} as const satisfies Record<ChargeFrequency, { unit: "weeks" | "months"; count: number }>;

/**
 * The dates of a recurring schedule, counted from its start so that the 31st comes back after a
 * short month. Calendar arithmetic is in UTC. Stops after `limit` dates.
 */
export function scheduleDates(
  { startingAt, endingBefore, frequency }: RecurringSchedule,
  limit: number,
): Instant[] {
  const { unit, count } = STEP[frequency];
  const start = startingAt.toZonedDateTimeISO("UTC");
  const dates: Instant[] = [];
  for (let n = 0; dates.length < limit; n += 1) {
    const at = start.add({ [unit]: n * count }, { overflow: "constrain" }).toInstant();
    if (!isBefore(at, endingBefore)) break;
    dates.push(at);
  }
  return dates;
}

/**
 * The dated amounts of a recurring schedule, at most `limit`. A shared amount adds up to the whole,
 * exactly.
 */
export function expandRecurringSchedule(
  schedule: RecurringSchedule,
  limit = Number.POSITIVE_INFINITY,
): DatedAmount[] {
  const dates = scheduleDates(schedule, limit);
  const { unitPrice, quantity } = schedule;
  const total = unitPrice.times(quantity);
  if (schedule.distribution === "EACH") {
    return dates.map((at) => ({ at, quantity, unitPrice, amount: total }));
  }
  const shares = shareEvenly(
    total,
    dates.length,
    schedule.distribution === "DIVIDED_ROUNDED" ? schedule.decimals : null,
  );
  return dates.map((at, n) => priced(at, shares[n] ?? total, quantity));
}

function shareEvenly(total: Decimal, parts: number, decimals: number | null): Decimal[] {
  if (parts === 0) return [];
  const even = divide(total, dec(String(parts)));
  const share = decimals === null ? even : round(even, decimals, "half_away_from_zero");
  const shares = Array.from({ length: parts - 1 }, () => share);
  return [...shares, total.minus(sum(shares))];
}

/** Keeps the agreed quantity where its unit price is exact; else the share is one unit. */
function priced(at: Instant, amount: Decimal, quantity: Decimal): DatedAmount {
  if (toText(quantity) !== "0") {
    const unitPrice = divide(amount, quantity);
    if (unitPrice.times(quantity).eq(amount)) return { at, quantity, unitPrice, amount };
  }
  return { at, quantity: ONE, unitPrice: amount, amount };
}
