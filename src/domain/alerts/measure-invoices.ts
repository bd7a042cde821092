import type { CustomFields } from "../custom-fields/entity.ts";
import { type Decimal, sum } from "../decimal.ts";
import type { RatedInvoice } from "../invoices/invoice.ts";
import { earlier, type Instant, type Interval, isAfter, later } from "../time.ts";
import type { Alert } from "./alert.ts";
import { type Reading, WHOLE } from "./reading.ts";

/** A draft as alerts see it. */
export interface WatchedDraft {
  /** What its own period makes of it: late usage of earlier periods is no spend of this one. */
  readonly own: RatedInvoice;
  /** With late usage of earlier invoices that goes on it. */
  readonly whole: RatedInvoice;
  /** Of its contract. */
  readonly contractFields: CustomFields;
}

const passes = ({ customFieldFilters }: Alert, { contractFields }: WatchedDraft): boolean =>
  customFieldFilters.every(({ key, value }) => contractFields[key] === value);

const runsAt = (period: Interval | null, now: Instant): boolean =>
  period !== null && !isAfter(period.start, now) && isAfter(period.end, now);

/** Usage charges before commits and credits, in one credit type. */
const usageCharges = ({ lines }: RatedInvoice, creditTypeId: string | null): Decimal =>
  sum(
    lines
      .filter((line) => line.type === "usage" && line.creditTypeId === creditTypeId)
      .map(({ total }) => total),
  );

/** The customer's usage charges in the billing periods that run now, of all its contracts. */
export function measureSpend(
  alert: Alert,
  drafts: readonly WatchedDraft[],
  now: Instant,
): Reading[] {
  const running = drafts.filter(
    (draft) => passes(alert, draft) && draft.own.type === "USAGE" && runsAt(draft.own.period, now),
  );
  const spend = sum(running.map(({ own }) => usageCharges(own, alert.creditTypeId)));
  return [{ subject: WHOLE, isReached: spend.gte(alert.threshold), facts: { spend } }];
}

/** The total of each draft in the alert's currency, after commits and credits. */
export const measureTotals = (alert: Alert, drafts: readonly WatchedDraft[]): Reading[] =>
  drafts
    .filter(
      (draft) =>
        passes(alert, draft) &&
        draft.whole.creditTypeId === alert.creditTypeId &&
        (alert.invoiceTypes?.includes(draft.whole.type) ?? true),
    )
    .map(({ whole: { id, total } }) => ({
      subject: id,
      isReached: total.gte(alert.threshold),
      facts: { invoiceTotal: total, invoiceId: id },
    }));

/** From the first start to the last end of the billing periods that run now; undefined: none does. */
export const currentPeriod = (
  drafts: readonly WatchedDraft[],
  now: Instant,
): Interval | undefined =>
  drafts
    .flatMap(({ own: { period } }) => (period !== null && runsAt(period, now) ? [period] : []))
    .reduce<Interval | undefined>(
      (span, { start, end }) =>
        span === undefined
          ? { start, end }
          : { start: earlier(span.start, start), end: later(span.end, end) },
      undefined,
    );

/** What a metric measured of the customer in its billing period. */
export const measureUsage = ({ threshold }: Alert, usage: Decimal): Reading[] => [
  { subject: WHOLE, isReached: usage.gte(threshold), facts: { usage } },
];
