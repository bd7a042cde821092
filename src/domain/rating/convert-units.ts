import { applyCommits, type OpenLine, type SettledLine } from "../commits/apply-commits.ts";
import type { CoveredPart } from "../commits/cover-part.ts";
import type { BurningSegment } from "../commits/purse.ts";
import { type Decimal, sum, ZERO } from "../decimal.ts";
import { hasMoved } from "../invoices/course.ts";
import type { InvoiceLine } from "../invoices/line.ts";
import type { TraceStep } from "../invoices/trace.ts";
import type { UnitConversion } from "../pricing-unit.ts";
import type { Interval } from "../time.ts";
import { conversionLine, convertedLine } from "./conversion-line.ts";
import { settledCourses } from "./settled-courses.ts";

/** What the conversion of an invoice's custom pricing units depends on. */
export interface ConversionContext {
  readonly fiatCreditTypeId: string;
  readonly conversions: readonly UnitConversion[];
  /** The billing period; null for scheduled invoices. */
  readonly period: Interval | null;
}

export interface ConvertedUnits {
  /** For each unit what commits paid of its conversion, their offsets, and what is left to pay. */
  readonly lines: readonly InvoiceLine[];
  /** What burned for them. */
  readonly settled: readonly SettledLine[];
}

/**
 * Turns what commits and credits left of an invoice's lines in custom pricing units into money: one
 * line for each unit, its amount at the price that the rate card has for it. Commits in the invoice's
 * currency may pay for it, each only for what it may pay for by product, group values and time; so
 * they are offered the rest of each line by itself, and the lines of a unit are added up after that.
 * Units follow each other by name. `purse` is drawn down in place.
 */
export function convertUnits(
  context: ConversionContext,
  settled: readonly SettledLine[],
  purse: readonly BurningSegment[],
): ConvertedUnits {
  const { fiatCreditTypeId, conversions } = context;
  const foreign = settled.filter(({ source }) => source.line.creditTypeId !== fiatCreditTypeId);
  if (foreign.length === 0) return { lines: [], settled: [] };
  const byUnit = Map.groupBy(foreign, ({ source }) => source.line.creditTypeId);
  const converted = [...byUnit.keys()]
    .map((unitId) => getConversion(conversions, unitId))
    .sort(byName)
    .map((conversion) =>
      convertUnit(context, conversion, byUnit.get(conversion.unit.id) ?? [], purse),
    );
  return {
    lines: converted.flatMap(({ lines }) => lines),
    settled: converted.flatMap((unit) => unit.settled),
  };
}

function getConversion(conversions: readonly UnitConversion[], unitId: string): UnitConversion {
  const found = conversions.find(({ unit }) => unit.id === unitId);
  if (found === undefined)
    throw new RangeError(`The rate card has no conversion of credit type ${unitId}`);
  return found;
}

function byName({ unit: a }: UnitConversion, { unit: b }: UnitConversion): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

function convertUnit(
  context: ConversionContext,
  conversion: UnitConversion,
  settled: readonly SettledLine[],
  purse: readonly BurningSegment[],
): ConvertedUnits {
  const open = settled.flatMap((line): OpenLine[] => {
    const { source, remainder } = line;
    const course = settledCourses(line)?.remainder.map(({ atMs, amount }) => ({
      atMs,
      quantity: amount,
    }));
    if (remainder === null || (remainder.total.eq(ZERO) && !hasMoved(course))) return [];
    const converted = convertedLine(context, conversion, source, remainder.total);
    return [course === undefined ? converted : { ...converted, course }];
  });
  if (open.length === 0) return { lines: [], settled: [] };
  const before = new Map(purse.map((burning) => [burning, burning.remaining]));
  const paid = applyCommits(open, purse);
  const whole = conversionLine(context, conversion, {
    quantity: sum(open.map(({ quantity }) => quantity)),
    trace: [conversionStep(conversion, settled)],
  });
  const bySegment = Map.groupBy(
    paid.flatMap(({ covered }) => covered),
    ({ burning }) => burning,
  );
  // In the order of the purse, which is the order in which they burned.
  const covered = purse.flatMap((burning) => {
    const parts = bySegment.get(burning);
    return parts === undefined
      ? []
      : [coveredLines(whole, burning, parts, before.get(burning) ?? ZERO)];
  });
  const rest = {
    quantity: whole.quantity.minus(sum(covered.map(({ quantity }) => quantity))),
    amount: whole.total.minus(sum(covered.map(({ amount }) => amount))),
  };
  const isPaid = covered.length > 0 && rest.amount.eq(ZERO);
  return {
    lines: [
      ...covered.map(({ line }) => line),
      ...covered.map(({ offset }) => offset),
      ...(isPaid ? [] : [covered.length === 0 ? whole : partOf(whole, "remainder", rest)]),
    ],
    settled: paid,
  };
}

/** All that the unit's lines cost, what is paid of it in the unit, and the rest. */
function conversionStep(
  { unit, fiatPerUnit }: UnitConversion,
  settled: readonly SettledLine[],
): TraceStep {
  const burned = sum(settled.flatMap(({ covered }) => covered.map(({ amount }) => amount)));
  const quantity = sum(settled.map(({ remainder }) => remainder?.total ?? ZERO));
  return {
    step: "cpu-conversion",
    unitId: unit.id,
    priced: burned.plus(quantity),
    burned,
    quantity,
    fiatPerUnit,
    amount: quantity.times(fiatPerUnit),
  };
}

type Whole = ReturnType<typeof conversionLine>;

function partOf(
  whole: Whole,
  part: "covered" | "remainder",
  { quantity, amount }: { readonly quantity: Decimal; readonly amount: Decimal },
): Whole {
  const { quantity: ofQuantity, total: ofAmount } = whole;
  const split: TraceStep = { step: "split", part, ofQuantity, ofAmount, quantity, amount };
  return { ...whole, quantity, total: amount, trace: [...whole.trace, split] };
}

/** What one segment paid of the conversion, and the offset that negates it. */
function coveredLines(
  whole: Whole,
  { commit, segment, name }: BurningSegment,
  parts: readonly CoveredPart[],
  before: Decimal,
) {
  const amount = sum(parts.map((part) => part.amount));
  const quantity = sum(parts.map(({ line }) => line.quantity ?? ZERO));
  const after = before.minus(amount);
  const payment: TraceStep = {
    step: "commit",
    commitId: commit.id,
    segmentId: segment.id,
    before,
    amount,
    after,
  };
  const part = amount.eq(whole.total) ? whole : partOf(whole, "covered", { quantity, amount });
  const line: InvoiceLine = {
    ...part,
    lineKey: `${whole.lineKey}/by/${segment.id}`,
    commit: { commitId: commit.id, segmentId: segment.id, type: commit.type },
    trace: [...part.trace, payment],
  };
  const offset: InvoiceLine = {
    ...line,
    lineKey: `${line.lineKey}/offset`,
    type: "applied_commit_or_credit",
    name: `${name} applied`,
    total: ZERO.minus(amount),
    quantity: null,
    unitPrice: null,
    trace: [payment],
  };
  return { quantity, amount, line, offset };
}
