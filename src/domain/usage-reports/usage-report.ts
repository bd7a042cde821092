import { type CreditType, getCreditType, USD_CREDIT_TYPE_ID } from "../credit-type.ts";
import type { Decimal } from "../decimal.ts";
import { roundToMinor } from "../money.ts";
import { type Instant, type Interval, Temporal } from "../time.ts";

const HOUR_MS = 3_600_000;

/** What is reported in: minor units of this currency. */
export const REPORTED_CURRENCY: CreditType = getCreditType(USD_CREDIT_TYPE_ID);

/** The last hour that is over. */
export function windowBefore(now: Instant): Interval {
  const endMs = Math.floor(now.epochMilliseconds / HOUR_MS) * HOUR_MS;
  return {
    start: Temporal.Instant.fromEpochMilliseconds(endMs - HOUR_MS),
    end: Temporal.Instant.fromEpochMilliseconds(endMs),
  };
}

/** When the next hour is over. */
export const nextWindowEnd = (now: Instant): Instant => windowBefore(now).end.add({ hours: 1 });

/** A draft that goes over a configuration whose provider takes usage, with what it has come to. */
export interface MeteredDraft {
  readonly invoiceId: string;
  readonly configurationId: string;
  readonly total: Decimal;
}

/** What is known of an invoice at a configuration. */
export interface MeteredInvoice {
  readonly configurationId: string;
  readonly invoiceId: string;
  /** As it was issued over this configuration; null: it is not final, or is another's. */
  readonly amountMinor: bigint | null;
  /** It was taken back. */
  readonly isVoid: boolean;
  /** What credit notes have given back. */
  readonly credited: Decimal;
  readonly reportedMinor: bigint;
}

/** What of an invoice a report is for. */
export interface ReportPart {
  readonly invoiceId: string;
  /** Below zero: too much of it was reported before. */
  readonly amountMinor: bigint;
}

export interface PlannedReport {
  /** 0: there is nothing to report. */
  readonly quantity: bigint;
  readonly parts: readonly ReportPart[];
}

interface Owned {
  readonly configurationId: string;
  readonly amountMinor: bigint;
}

/**
 * What each invoice comes to, and over which configuration. A final one counts as it was issued, less what was
 * credited; a draft with the whole minor units that it has reached.
 */
function ownAmounts(
  drafts: readonly MeteredDraft[],
  known: readonly MeteredInvoice[],
): ReadonlyMap<string, Owned> {
  const owned = new Map<string, Owned>();
  for (const { invoiceId, configurationId, total } of drafts) {
    const amountMinor = roundToMinor(total, REPORTED_CURRENCY, "toward_zero");
    owned.set(invoiceId, { configurationId, amountMinor });
  }
  for (const { invoiceId, configurationId, amountMinor, isVoid, credited } of known) {
    if (amountMinor === null || isVoid) continue;
    const creditedMinor = roundToMinor(credited, REPORTED_CURRENCY, "half_away_from_zero");
    owned.set(invoiceId, { configurationId, amountMinor: amountMinor - creditedMinor });
  }
  return owned;
}

/**
 * What a configuration reports now: of each invoice what it comes to, less what was reported of it, over whichever
 * configuration, whenever it was used. What was reported of an invoice that is none any more is taken off.
 * Less than nothing is not reported, as no marketplace takes it: it is made up for by what comes.
 */
export function planReport(
  configurationId: string,
  drafts: readonly MeteredDraft[],
  known: readonly MeteredInvoice[],
): PlannedReport {
  const owned = ownAmounts(drafts, known);
  const reported = new Map<string, bigint>();
  for (const { invoiceId, reportedMinor } of known) {
    reported.set(invoiceId, (reported.get(invoiceId) ?? 0n) + reportedMinor);
  }
  const own = [...owned].flatMap(([invoiceId, { configurationId: owner, amountMinor }]) =>
    owner === configurationId
      ? [{ invoiceId, amountMinor: amountMinor - (reported.get(invoiceId) ?? 0n) }]
      : [],
  );
  const gone = known.flatMap(({ invoiceId, configurationId: at, reportedMinor }) =>
    at === configurationId && !owned.has(invoiceId)
      ? [{ invoiceId, amountMinor: -reportedMinor }]
      : [],
  );
  const parts = [...own, ...gone].filter(({ amountMinor }) => amountMinor !== 0n);
  const quantity = parts.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  return quantity > 0n ? { quantity, parts } : { quantity: 0n, parts: [] };
}

/** The parts of a report that was not taken, as what is taken off again. */
export const takenOff = (parts: readonly ReportPart[]): ReportPart[] =>
  parts.map(({ invoiceId, amountMinor }) => ({ invoiceId, amountMinor: -amountMinor }));
