import type { SettledLine } from "../commits/apply-commits.ts";
import { ZERO } from "../decimal.ts";
import type { DatedLine } from "../invoices/breakdown.ts";
import { addCourses, atOnce, type LinePoint, toOffsetCourse } from "../invoices/course.ts";
import type { InvoiceLine } from "../invoices/line.ts";
import { earlier, type Instant, type Interval, later } from "../time.ts";
import type { DetailedInvoice } from "./rate-invoices.ts";
import { settledCourses } from "./settled-courses.ts";

/** Where in time the lines of an invoice are that have no course of their own. */
export interface InvoicePlaceInTime {
  /** null: it is a scheduled invoice, all of it at `dueAt`. */
  readonly period: Interval | null;
  readonly dueAt: Instant;
}

/**
 * The lines of an invoice that was rated with `courseAt`, in its order, with their courses. What is not
 * metered is at one instant as a whole: a subscription's charge where the time that it pays for begins,
 * what is scheduled at the end of the period, both held to the period.
 */
export function lineCourses({ invoice, settled, converted }: DetailedInvoice): DatedLine[] {
  const byKey = new Map<string, Omit<DatedLine, "line">>();
  for (const line of settled) {
    const { covered, remainder } = partsOf(invoice, line);
    const source = line.source.line;
    line.covered.forEach((part, n) => {
      const course = covered[n] ?? [];
      byKey.set(part.line.lineKey, { course, source });
      byKey.set(part.offset.lineKey, { course: toOffsetCourse(course), source });
    });
    if (line.remainder !== null) byKey.set(line.remainder.lineKey, { course: remainder, source });
  }
  for (const [key, course] of conversionCourses(invoice, settled, converted.settled)) {
    byKey.set(key, { course, source: null });
  }
  return invoice.lines.map((line) => ({
    line,
    ...(byKey.get(line.lineKey) ?? { course: courseAtOnce(invoice, line), source: null }),
  }));
}

/** Lines that nobody knows more of than when they are for, each as a whole. */
export const linesAtOnce = (
  place: InvoicePlaceInTime,
  lines: readonly InvoiceLine[],
): DatedLine[] => lines.map((line) => ({ line, course: courseAtOnce(place, line), source: null }));

function courseAtOnce(
  { period, dueAt }: InvoicePlaceInTime,
  { startingAt, quantity, total }: InvoiceLine,
): LinePoint[] {
  const at =
    period === null
      ? dueAt
      : later(period.start, earlier(startingAt ?? dueAt, period.end.subtract({ milliseconds: 1 })));
  return atOnce(at, quantity ?? ZERO).map((point) => ({ ...point, amount: total }));
}

interface Parts {
  readonly covered: readonly (readonly LinePoint[])[];
  readonly remainder: readonly LinePoint[];
}

const partsOf = (place: InvoicePlaceInTime, settled: SettledLine): Parts =>
  settledCourses(settled) ?? {
    covered: settled.covered.map(({ line }) => courseAtOnce(place, line)),
    remainder: settled.remainder === null ? [] : courseAtOnce(place, settled.remainder),
  };

/** Of the lines that convert units: the sums of what was converted of each line. By line key. */
function conversionCourses(
  place: InvoicePlaceInTime,
  settled: readonly SettledLine[],
  converted: readonly SettledLine[],
): Map<string, LinePoint[]> {
  const units = new Map(settled.map(({ source: { line } }) => [line.lineKey, line.creditTypeId]));
  const courses = new Map<string, (readonly LinePoint[])[]>();
  const add = (key: string, course: readonly LinePoint[]) =>
    courses.set(key, [...(courses.get(key) ?? []), course]);
  for (const line of converted) {
    const key = `cpu_conversion/${units.get(line.source.line.lineKey)}`;
    const { covered, remainder } = partsOf(place, line);
    line.covered.forEach(({ burning }, n) => {
      const course = covered[n] ?? [];
      add(`${key}/by/${burning.segment.id}`, course);
      add(`${key}/by/${burning.segment.id}/offset`, toOffsetCourse(course));
    });
    add(key, remainder);
  }
  return new Map([...courses].map(([key, own]) => [key, addCourses(own)]));
}
