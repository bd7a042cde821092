import { type Decimal, isZero, max, min, plus, ZERO } from "../decimal.ts";
import { type Instant, type Interval, isAfter, isBefore } from "../time.ts";
import type { InvoiceLine } from "./line.ts";

/** How far a quantity has come by an instant. */
export interface CoursePoint {
  readonly atMs: number;
  readonly quantity: Decimal;
}

/**
 * How a line's quantity came about over time, ascending, where it changed: 0 before the first point, the
 * quantity of the line from the last one on. It says what of the line falls into a window without another rating of it.
 */
export type Course = readonly CoursePoint[];

/** A course in money too, for a line whose price is known. */
export interface LinePoint extends CoursePoint {
  readonly amount: Decimal;
}

/** Where the course of a line that lies in `window` is to be read: its end, and `at` before that. */
export const readingsIn = ({ start, end }: Interval, at: readonly Instant[]): Instant[] => [
  ...at.filter((instant) => isAfter(instant, start) && isBefore(instant, end)),
  end,
];

/** All of it at one instant: the window that holds the instant has it. */
export const atOnce = (at: Instant, quantity: Decimal): Course => [
  { atMs: at.epochMilliseconds + 1, quantity },
];

/** How far a line had come by an instant. */
export const pointAt = (course: readonly LinePoint[], ms: number): LinePoint =>
  course.findLast(({ atMs }) => atMs <= ms) ?? NOWHERE;

const NOWHERE: LinePoint = { atMs: Number.NEGATIVE_INFINITY, quantity: ZERO, amount: ZERO };

/**
 * The courses of parts that follow on each other: each takes what comes until it is full, the last
 * one all the rest. A quantity that rises beyond its end and falls again (LATEST) does so in the last.
 */
export function shareCourse(course: Course, quantities: readonly Decimal[]): Course[] {
  const shares: CoursePoint[][] = quantities.map(() => []);
  for (const { atMs, quantity } of course) {
    let rest = quantity;
    for (const [n, whole] of quantities.entries()) {
      const isLast = n === quantities.length - 1;
      const taken = isLast ? rest : max(min(rest, max(whole, ZERO)), min(whole, ZERO));
      rest = rest.minus(taken);
      shares[n]?.push({ atMs, quantity: taken });
    }
  }
  return shares;
}

/**
 * A line's course in money. Amounts are those of the running quantity, and at its end the line's own, so
 * that windows add up to it exactly.
 */
export const toLineCourse = (
  { quantity, unitPrice, total }: Pick<InvoiceLine, "quantity" | "unitPrice" | "total">,
  course: Course,
): LinePoint[] =>
  course.map((point) => ({
    ...point,
    amount: point.quantity.eq(quantity ?? ZERO) ? total : point.quantity.times(unitPrice ?? ZERO),
  }));

/** The same, of an offset: it negates the line that it pays for, and has no quantity. */
export const toOffsetCourse = (covered: readonly LinePoint[]): LinePoint[] =>
  covered.map(({ atMs, amount }) => ({ atMs, quantity: ZERO, amount: ZERO.minus(amount) }));

/** Several courses as one. */
export function addCourses(courses: readonly (readonly LinePoint[])[]): LinePoint[] {
  const instants = new Set(courses.flatMap((course) => course.map(({ atMs }) => atMs)));
  return [...instants]
    .sort((a, b) => a - b)
    .map((atMs) => ({
      atMs,
      quantity: courses.reduce((sum, course) => plus(sum, pointAt(course, atMs).quantity), ZERO),
      amount: courses.reduce((sum, course) => plus(sum, pointAt(course, atMs).amount), ZERO),
    }));
}

/** Whether anything ever happened on it. */
export const hasMoved = (course: Course | undefined): boolean =>
  course?.some(({ quantity }) => !isZero(quantity)) ?? false;
