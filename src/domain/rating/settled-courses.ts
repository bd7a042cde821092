import type { SettledLine } from "../commits/apply-commits.ts";
import { ZERO } from "../decimal.ts";
import { type LinePoint, shareCourse, toLineCourse } from "../invoices/course.ts";

export interface SettledCourses {
  /** Of the covered parts, in their order. */
  readonly covered: readonly (readonly LinePoint[])[];
  /** Empty when nothing is left to pay. */
  readonly remainder: readonly LinePoint[];
}

/**
 * The courses of what commits made of a line; undefined: it has none. What is used first is paid by who
 * pays first, and what is left to pay is what was used last.
 */
export function settledCourses({
  source: { course },
  covered,
  remainder,
}: SettledLine): SettledCourses | undefined {
  if (course === undefined) return undefined;
  const parts = [...covered.map(({ line }) => line), ...(remainder === null ? [] : [remainder])];
  const shares = shareCourse(
    course,
    parts.map(({ quantity }) => quantity ?? ZERO),
  );
  const courses = parts.map((part, n) => toLineCourse(part, shares[n] ?? []));
  return {
    covered: courses.slice(0, covered.length),
    remainder: courses[covered.length] ?? [],
  };
}
