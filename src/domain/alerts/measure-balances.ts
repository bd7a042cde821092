import { type Decimal, dec, divide, max, round, sum, ZERO } from "../decimal.ts";
import { earlier, type Instant, isAfter } from "../time.ts";
import { type Alert, alertKind } from "./alert.ts";
import { type HeldSegment, passes } from "./held-segment.ts";
import { type Reading, type ReadingFacts, WHOLE } from "./reading.ts";

const HUNDRED = dec("100");
const DAY_MS = dec("86400000");

const hasBegun = ({ startingAt }: HeldSegment, now: Instant): boolean => !isAfter(startingAt, now);
const isActive = (segment: HeldSegment, now: Instant): boolean =>
  hasBegun(segment, now) && isAfter(segment.endingBefore, now);

/** What counts for the alert, of whatever time; what is granted to single seats is nobody else's. */
const counted = (alert: Alert, segments: readonly HeldSegment[]): HeldSegment[] =>
  segments.filter(
    (segment) =>
      alertKind(alert.type).holds.includes(segment.type) &&
      (alert.creditTypeId === null || segment.creditTypeId === alert.creditTypeId) &&
      (alert.seatFilter === null) === (segment.seat === null) &&
      passes(segment, alert.customFieldFilters),
  );

const remainingOf = (segments: readonly HeldSegment[]): Decimal =>
  sum(segments.map(({ remaining }) => remaining));

/** The commit or credit that all segments are of, if there is one. */
function single(segments: readonly HeldSegment[]): Pick<ReadingFacts, "commitId" | "creditId"> {
  const [first, ...others] = segments;
  if (first === undefined || others.some(({ commitId }) => commitId !== first.commitId)) return {};
  return first.type === "CREDIT" ? { creditId: first.commitId } : { commitId: first.commitId };
}

/** The balance against the threshold; nothing where nothing was granted yet, which cannot run low. */
export function measureBalance(
  alert: Alert,
  segments: readonly HeldSegment[],
  now: Instant,
): Reading[] {
  const begun = counted(alert, segments).filter((segment) => hasBegun(segment, now));
  if (begun.length === 0) return [];
  const active = begun.filter((segment) => isActive(segment, now));
  const balance = remainingOf(active);
  return [
    {
      subject: WHOLE,
      isReached: balance.lte(alert.threshold),
      facts: { remainingBalance: balance, ...single(active) },
    },
  ];
}

/** What is left in percent of what is granted now; nothing where nothing is. */
export function measurePercentage(
  alert: Alert,
  segments: readonly HeldSegment[],
  now: Instant,
): Reading[] {
  const active = counted(alert, segments).filter((segment) => isActive(segment, now));
  const granted = sum(active.map((segment) => segment.granted));
  if (granted.lte(ZERO)) return [];
  const balance = remainingOf(active);
  const times100 = balance.times(HUNDRED);
  return [
    {
      subject: WHOLE,
      isReached: times100.lte(granted.times(alert.threshold)),
      facts: {
        remainingBalance: balance,
        remainingPercentage: divide(times100, granted),
        ...single(active),
      },
    },
  ];
}

/** When a segment has as many days left as the alert says; days are of 24 hours. */
const crossesAt = ({ threshold }: Alert, { endingBefore }: HeldSegment): Instant =>
  endingBefore.subtract({
    milliseconds: Number(round(threshold.times(DAY_MS), 0, "half_even").toFixed()),
  });

/** The days that each segment has left. */
export function measureDays(
  alert: Alert,
  segments: readonly HeldSegment[],
  now: Instant,
): Reading[] {
  return counted(alert, segments)
    .filter((segment) => isActive(segment, now))
    .map((segment) => {
      const leftMs = segment.endingBefore.epochMilliseconds - now.epochMilliseconds;
      return {
        subject: segment.id,
        isReached: !isAfter(crossesAt(alert, segment), now),
        facts: {
          remainingDays: divide(max(ZERO, dec(String(leftMs))), DAY_MS),
          segmentId: segment.id,
          ...single([segment]),
        },
      };
    });
}

/** The balance of each seat that has a grant now. */
export function measureSeats(
  alert: Alert,
  segments: readonly HeldSegment[],
  now: Instant,
): Reading[] {
  const { groupKey, seatId } = alert.seatFilter ?? { groupKey: undefined, seatId: null };
  const own = counted(alert, segments).filter(
    (segment) =>
      segment.seat?.groupKey === groupKey &&
      (seatId === null || segment.seat?.seatId === seatId) &&
      isActive(segment, now),
  );
  const bySeat = Map.groupBy(own, ({ seat }) => seat?.seatId ?? "");
  return [...bySeat].map(([seat, grants]) => {
    const balance = remainingOf(grants);
    return {
      subject: seat,
      isReached: balance.lte(alert.threshold),
      facts: { remainingBalance: balance, seatId: seat },
    };
  });
}

const HOLDING: ReadonlySet<string> = new Set(["balance", "percentage", "days", "seat_balance"]);

/** Whether the alert measures commits and credits. */
export const isOfBalances = ({ type }: Alert): boolean => HOLDING.has(alertKind(type).measure);

/** When time alone may bring an alert about, or end it: the next edge of a segment, or of its days. */
export function nextLookAt(
  alerts: readonly Alert[],
  segments: readonly HeldSegment[],
  now: Instant,
): Instant | undefined {
  return alerts
    .filter(isOfBalances)
    .flatMap((alert) =>
      counted(alert, segments).flatMap((segment) => [
        segment.startingAt,
        segment.endingBefore,
        ...(alertKind(alert.type).measure === "days" ? [crossesAt(alert, segment)] : []),
      ]),
    )
    .filter((at) => isAfter(at, now))
    .reduce<Instant | undefined>(
      (first, at) => (first === undefined ? at : earlier(first, at)),
      undefined,
    );
}
