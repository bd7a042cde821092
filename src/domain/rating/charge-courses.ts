import { type Decimal, isZero, ONE, plus, ZERO } from "../decimal.ts";
import { atOnce, type Course, type CoursePoint, shareCourse } from "../invoices/course.ts";
import type { Charge } from "../pricing/charge.ts";
import { earlier, type Instant, type Interval } from "../time.ts";
import type { RatedWindow } from "./charge-lines.ts";
import type { RatedCharge } from "./limit-charges.ts";

/** What the price charges for a part of a window; `isFirst`: the part that it begins with. */
type PricePart = (before: Decimal, after: Decimal, isFirst: boolean) => readonly Charge[];

interface Started {
  readonly charge: Charge;
  readonly course: CoursePoint[];
  quantity: Decimal;
}

/**
 * The charges of a window with their courses, where those were asked for. Tiers that the window only
 * passed through on the way up and down again have a charge of nothing, which moves.
 */
export function withCourses(
  source: RatedWindow,
  charges: readonly Charge[],
  pricePart: PricePart,
): RatedCharge[] {
  const { before, course } = source.quantity;
  if (course === undefined) return charges.map((charge) => ({ source, charge }));
  const started = new Map(charges.map((charge) => [keyOf(charge), start(charge)]));
  let from = before;
  for (const [n, { atMs, quantity: to }] of course.entries()) {
    // The first part may bear a fee without usage.
    if (n > 0 && to.eq(from)) continue;
    for (const part of pricePart(from, to, n === 0)) {
      const key = keyOf(part);
      const own = started.get(key) ?? start({ ...part, quantity: ZERO, amount: ZERO });
      started.set(key, own);
      if (isZero(part.quantity)) continue;
      own.quantity = plus(own.quantity, part.quantity);
      own.course.push({ atMs, quantity: own.quantity });
    }
    from = to;
  }
  return [...started.values()].map(({ charge, course: own }) => ({ source, charge, course: own }));
}

const start = (charge: Charge): Started => ({ charge, course: [], quantity: ZERO });

/** In one window there is one charge of a kind in each tier. */
const keyOf = ({ kind, tier }: Charge): string => `${kind} ${tier?.level ?? ""}`;

/** The parts that a maximum makes of a charge: what is charged comes first, what is free after that. */
export function splitCharge(
  { source, course }: RatedCharge,
  parts: readonly Charge[],
): RatedCharge[] {
  if (course === undefined) return parts.map((charge) => ({ source, charge }));
  const shares = shareCourse(
    course,
    parts.map(({ quantity }) => quantity),
  );
  return parts.map((charge, n) => ({ source, charge, course: shares[n] ?? [] }));
}

/** A minimum is known to be missed when its time is over, and until then it is by now. */
export const shortfallCourse = ({ end }: Interval, now: Instant): Course =>
  atOnce(earlier(end.subtract({ milliseconds: 1 }), now), ONE);
