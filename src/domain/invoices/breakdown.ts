import { isZero, minus, ZERO } from "../decimal.ts";
import { type Totals, totalsOf } from "../rating/totals.ts";
import { type Instant, type Interval, isAfter, isBefore } from "../time.ts";
import { type LinePoint, pointAt } from "./course.ts";
import type { InvoiceLine } from "./line.ts";

/** A line with how it came about over time, see line-courses.ts. */
export interface DatedLine {
  readonly line: InvoiceLine;
  readonly course: readonly LinePoint[];
  /** The line before commits; null: it is of no window of usage. */
  readonly source: InvoiceLine | null;
}

/** The part of an invoice that falls into a window. */
export interface InvoiceBreakdown extends Totals {
  readonly window: Interval;
  readonly lines: readonly InvoiceLine[];
}

/** What a breakdown depends on beside the lines. */
export interface BreakdownContext {
  readonly creditTypeId: string;
  readonly now: Instant;
}

/**
 * What of an invoice falls into a window: of each line its increment. Over all windows of the invoice the
 * increments are the lines, to the last digit. A line that does not move in the window is not there; but
 * a product that is shown and priced by no groups has an empty line where nothing of it was used, as an
 * invoice has. undefined: the window is still to come, and nothing is in it.
 */
export function breakDown(
  lines: readonly DatedLine[],
  window: Interval,
  { creditTypeId, now }: BreakdownContext,
): InvoiceBreakdown | undefined {
  const hasBegun = !isAfter(window.start, now);
  const moved = new Map(lines.map((dated) => [dated, incrementOf(dated, window)]));
  const used = new Set(
    [...moved].flatMap(([{ line }, part]) => (part === undefined ? [] : [line.productId])),
  );
  const parts = lines.flatMap((dated) => {
    const part = moved.get(dated);
    if (part !== undefined) return [part];
    const { productId } = dated.line;
    if (!hasBegun || used.has(productId) || !showsIdle(dated, window)) return [];
    used.add(productId);
    return [idleLine(dated)];
  });
  if (!hasBegun && parts.length === 0) return undefined;
  return { window, lines: parts, ...totalsOf(parts, creditTypeId) };
}

function incrementOf(
  { line, course }: DatedLine,
  { start, end }: Interval,
): InvoiceLine | undefined {
  const from = pointAt(course, start.epochMilliseconds);
  const to = pointAt(course, end.epochMilliseconds);
  if (from === to) return undefined;
  const quantity = minus(to.quantity, from.quantity);
  const total = minus(to.amount, from.amount);
  if (isZero(quantity) && isZero(total)) return undefined;
  return { ...line, quantity: line.quantity === null ? null : quantity, total };
}

function showsIdle({ source }: DatedLine, { start, end }: Interval): boolean {
  if (source?.type !== "usage" || source.startingAt === null || source.endingBefore === null) {
    return false;
  }
  if (source.pricingGroupValues !== null || source.presentationGroupValues !== null) return false;
  return isBefore(source.startingAt, end) && isBefore(start, source.endingBefore);
}

/** Nobody pays for nothing. */
const idleLine = ({ line, source }: DatedLine): InvoiceLine => ({
  ...(source ?? line),
  quantity: ZERO,
  total: ZERO,
});
