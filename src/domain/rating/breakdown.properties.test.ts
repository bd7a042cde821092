import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyTerms } from "../../../test/support/arbitrary-terms.ts";
import { at, conventions } from "../../../test/support/sample-snapshot.ts";
import { CONVENTION_VALUES } from "../conventions.ts";
import { type Decimal, dec, sum, toText, ZERO } from "../decimal.ts";
import { breakDown, type InvoiceBreakdown } from "../invoices/breakdown.ts";
import type { InvoiceLine } from "../invoices/line.ts";
import { groupValuesKey, pickGroupValues } from "../metering/group-values.ts";
import type { Aggregation } from "../metering/metric.ts";
import type { DistinctCounts, DistinctWindow, Rollup } from "../metering/rollup.ts";
import { cutWindows, type WindowSize } from "../metering/usage-windows.ts";
import { doOverlap, isBefore } from "../time.ts";
import { distinctWindows } from "./distinct-windows.ts";
import { lineCourses } from "./line-courses.ts";
import { rateInDetail, rateInvoices } from "./rate-invoices.ts";
import type { RatingSnapshot } from "./snapshot.ts";

/** Days before and after the invoices belong to none of them. */
const RANGE = { start: at("2023-12-30"), end: at("2024-03-05") };
const aggregation = fc.constantFrom<Aggregation>("SUM", "COUNT", "MAX", "LATEST", "UNIQUE");

/** Any terms, metered in any way, under any conventions, some of it in a custom pricing unit. */
const anySnapshot: fc.Arbitrary<RatingSnapshot> = fc
  .record({
    terms: anyTerms,
    aggregations: fc.tuple(aggregation, aggregation),
    conventions: fc.record({
      zeroUsageTierFee: fc.constantFrom(...CONVENTION_VALUES.zeroUsageTierFee),
      tierBound: fc.constantFrom(...CONVENTION_VALUES.tierBound),
    }),
    unitPrice: fc.option(fc.constantFrom("0", "0.3", "7"), { nil: null }),
    now: fc.constantFrom("2024-01-10T05", "2024-02-02", "2025-01-01"),
    start: fc.constantFrom("2024-01-01", "2024-01-07T13"),
    takesBack: fc.boolean(),
  })
  .map(({ terms, aggregations, unitPrice, ...draft }) => ({
    ...terms,
    ...(unitPrice === null ? {} : inTokens(terms, unitPrice)),
    now: at(draft.now),
    conventions: conventions(draft.conventions),
    rollups: terms.rollups.map(({ metricId, rows }) => ({
      metricId,
      rows: rows.map((row, n) => (draft.takesBack && n % 3 === 0 ? negated(row) : row)),
    })),
    metrics: terms.metrics.map((metric, n) => ({
      ...metric,
      aggregation: aggregations[n] ?? ("SUM" as const),
    })),
    requests: terms.requests.map((request, n) =>
      n > 0 || request.type !== "USAGE"
        ? request
        : { ...request, period: { ...request.period, start: at(draft.start) } },
    ),
  }))
  .map((snapshot) => counted(snapshot));

function negated(row: Rollup): Rollup {
  const value = ZERO.minus(row.sum);
  return { ...row, sum: value, max: value, latest: { value, at: row.hourStart } };
}

const inTokens = ({ rateCards, commits }: RatingSnapshot, unitPrice: string) => ({
  rateCards: rateCards.map((card) => ({
    ...card,
    rates: card.rates.map((rate) => {
      const { minimum: _min, maximum: _max, ...unlimited } = rate;
      return rate.productId === "b" ? { ...unlimited, creditTypeId: "tokens" } : rate;
    }),
    conversions: [{ unit: { id: "tokens", name: "tokens" }, fiatPerUnit: dec(unitPrice) }],
  })),
  commits: commits.map((commit, n) =>
    n === 0 && commit.type !== "POSTPAID" ? { ...commit, creditTypeId: "tokens" } : commit,
  ),
});

/** Distinct values are the numbers of the rows. */
function counted(snapshot: RatingSnapshot): RatingSnapshot {
  const answers = distinctWindows(snapshot).map((window): DistinctCounts => {
    const rows = snapshot.rollups.find(({ metricId }) => metricId === window.metricId)?.rows ?? [];
    return { ...window, counts: countIn(window, rows) };
  });
  return { ...snapshot, distinctCounts: answers };
}

function countIn({ start, end, groupKeys }: DistinctWindow, rows: readonly Rollup[]) {
  const inside = rows
    .filter(({ hourStart }) => !isBefore(hourStart, start) && isBefore(hourStart, end))
    .map((row) => ({
      value: toText(row.sum),
      groups: pickGroupValues(row.groupValues, groupKeys),
    }));
  return [...Map.groupBy(inside, ({ groups }) => groupValuesKey(groups)).values()].map((own) => ({
    groupValues: own[0]?.groups ?? {},
    count: BigInt(new Set(own.map(({ value }) => value)).size),
  }));
}

interface BrokenDown {
  readonly lines: readonly InvoiceLine[];
  readonly subtotal: Decimal;
  readonly total: Decimal;
  readonly parts: readonly InvoiceBreakdown[];
}

function breakDownAll(snapshot: RatingSnapshot, size: WindowSize): BrokenDown[] {
  const windows = cutWindows(size, RANGE);
  const courseAt = windows.flatMap(({ start, end }) => [start, end]);
  const asked = counted({
    ...snapshot,
    requests: snapshot.requests.map((request) =>
      request.type === "USAGE" ? { ...request, courseAt } : request,
    ),
  });
  const { now } = snapshot;
  return rateInDetail(asked).detailed.map((detailed) => {
    const dated = lineCourses(detailed);
    const { creditTypeId } = detailed.invoice;
    const parts = windows.flatMap(
      (window) => breakDown(dated, window, { creditTypeId, now }) ?? [],
    );
    return { ...detailed.invoice, parts };
  });
}

const sumOf = (amounts: readonly (Decimal | null)[]): string =>
  toText(sum(amounts.map((amount) => amount ?? ZERO)));

describe("whatever the terms and the usage, over all windows", () => {
  test.each<[WindowSize, number]>([
    ["DAY", 300],
    ["HOUR", 12],
  ])("the breakdowns by %s add up to the invoice, line by line", (size, numRuns) => {
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        const plain = rateInvoices(snapshot).invoices;
        for (const [n, { lines, parts, ...whole }] of breakDownAll(snapshot, size).entries()) {
          const byKey = Map.groupBy(
            parts.flatMap((part) => part.lines),
            ({ lineKey }) => lineKey,
          );
          const invoice = plain[n];
          for (const line of invoice?.lines ?? []) {
            const own = byKey.get(line.lineKey) ?? [];
            expect([line.lineKey, sumOf(own.map(({ total }) => total))]).toEqual([
              line.lineKey,
              toText(line.total),
            ]);
            expect([line.lineKey, sumOf(own.map(({ quantity }) => quantity))]).toEqual([
              line.lineKey,
              sumOf([line.quantity]),
            ]);
            byKey.delete(line.lineKey);
          }
          // What the invoice does not have moved there and back.
          for (const others of byKey.values()) {
            expect(sumOf(others.map(({ total }) => total))).toBe("0");
            expect(sumOf(others.map(({ quantity }) => quantity))).toBe("0");
          }
          expect(sumOf(parts.map(({ total }) => total))).toBe(sumOf([invoice?.total ?? null]));
          expect(sumOf(parts.map(({ subtotal }) => subtotal))).toBe(toText(whole.subtotal));
          expect(lines.length).toBeGreaterThanOrEqual(invoice?.lines.length ?? 0);
        }
      }),
      { numRuns },
    );
  });

  test("metered usage is in the windows in which it was used", () => {
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        const busy = snapshot.rollups.flatMap(({ rows }) => rows.map(({ hourStart }) => hourStart));
        for (const { parts } of breakDownAll(snapshot, "DAY")) {
          for (const { window, lines } of parts) {
            const used = lines.filter(
              ({ productType, quantity, lineKey }) =>
                productType === "USAGE" &&
                quantity?.eq(ZERO) === false &&
                !/minimum|fee/.test(lineKey),
            );
            if (used.length === 0) continue;
            const hours = busy.map((start) => ({ start, end: start.add({ hours: 1 }) }));
            expect(hours.some((hour) => doOverlap(hour, window))).toBe(true);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});
