import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Frequency,
  type PeriodAnchor,
  periodContaining,
  periodsUntil,
  type UsageSchedule,
  usagePeriods,
} from "./period.ts";
import { type Interval, instant, instantText, isAfter } from "./time.ts";

const at = (text: string) => instant(text.includes("T") ? text : `${text}T00:00:00Z`);
const show = ({ start, end }: Interval) =>
  `${instantText(start)}..${instantText(end)}`.replaceAll("T00:00:00Z", "");

const schedule = (
  frequency: Frequency,
  anchor: PeriodAnchor,
  generationFrom?: string,
): UsageSchedule => ({
  frequency,
  anchor,
  invoiceGenerationStartingAt: generationFrom === undefined ? null : at(generationFrom),
});
const term = (start: string, end?: string) => ({
  startingAt: at(start),
  endingBefore: end === undefined ? null : at(end),
});

const FIRST: PeriodAnchor = { day: "FIRST_OF_MONTH" };
const START: PeriodAnchor = { day: "CONTRACT_START" };
const custom = (day: string): PeriodAnchor => ({ day: "CUSTOM_DATE", anchorAt: at(day) });

describe("usagePeriods", () => {
  test.each<[string, UsageSchedule, ReturnType<typeof term>, string[]]>([
    [
      "first of month: a stub to the next 1st",
      schedule("MONTHLY", FIRST),
      term("2024-09-15"),
      ["2024-09-15..2024-10-01", "2024-10-01..2024-11-01", "2024-11-01..2024-12-01"],
    ],
    [
      "a start on the 1st has no stub",
      schedule("MONTHLY", FIRST),
      term("2024-02-01"),
      ["2024-02-01..2024-03-01", "2024-03-01..2024-04-01", "2024-04-01..2024-05-01"],
    ],
    [
      "one hour past the 1st is a stub again",
      schedule("MONTHLY", FIRST),
      term("2024-02-01T01:00:00Z"),
      ["2024-02-01T01:00:00Z..2024-03-01", "2024-03-01..2024-04-01", "2024-04-01..2024-05-01"],
    ],
    [
      "custom anchor before the start (the reference's example)",
      schedule("MONTHLY", custom("2024-09-10")),
      term("2024-09-15"),
      ["2024-09-15..2024-10-10", "2024-10-10..2024-11-10", "2024-11-10..2024-12-10"],
    ],
    [
      "custom anchor long after the start counts backwards",
      schedule("QUARTERLY", custom("2025-05-10")),
      term("2024-09-15"),
      ["2024-09-15..2024-11-10", "2024-11-10..2025-02-10", "2025-02-10..2025-05-10"],
    ],
    [
      "Jan 31 in a leap year: clamped, and back to the 31st",
      schedule("MONTHLY", START),
      term("2024-01-31"),
      ["2024-01-31..2024-02-29", "2024-02-29..2024-03-31", "2024-03-31..2024-04-30"],
    ],
    [
      "Jan 31 in a common year",
      schedule("MONTHLY", START),
      term("2023-01-31"),
      ["2023-01-31..2023-02-28", "2023-02-28..2023-03-31", "2023-03-31..2023-04-30"],
    ],
    [
      "Feb 29 by the year: the 28th until the next leap year",
      schedule("ANNUAL", START),
      term("2024-02-29", "2028-03-01"),
      [
        "2024-02-29..2025-02-28",
        "2025-02-28..2026-02-28",
        "2026-02-28..2027-02-28",
        "2027-02-28..2028-02-29",
        "2028-02-29..2028-03-01",
      ],
    ],
    [
      "quarters run from the first 1st",
      schedule("QUARTERLY", FIRST),
      term("2024-09-15"),
      ["2024-09-15..2024-10-01", "2024-10-01..2025-01-01", "2025-01-01..2025-04-01"],
    ],
    [
      "weeks keep the hour of the start",
      schedule("WEEKLY", START),
      term("2024-02-26T06:00:00Z"),
      [
        "2024-02-26T06:00:00Z..2024-03-04T06:00:00Z",
        "2024-03-04T06:00:00Z..2024-03-11T06:00:00Z",
        "2024-03-11T06:00:00Z..2024-03-18T06:00:00Z",
      ],
    ],
    [
      "weeks that meet the 1st: the stub is shorter than a week",
      schedule("WEEKLY", FIRST),
      term("2024-09-15"),
      ["2024-09-15..2024-09-17", "2024-09-17..2024-09-24", "2024-09-24..2024-10-01"],
    ],
    [
      "the contract's end cuts the last period",
      schedule("MONTHLY", FIRST),
      term("2024-01-01", "2024-02-10"),
      ["2024-01-01..2024-02-01", "2024-02-01..2024-02-10"],
    ],
    [
      "an end on a boundary leaves no empty period",
      schedule("MONTHLY", FIRST),
      term("2024-01-01", "2024-02-01"),
      ["2024-01-01..2024-02-01"],
    ],
    [
      "a contract without time has no period",
      schedule("MONTHLY", FIRST),
      term("2024-01-01", "2024-01-01"),
      [],
    ],
    [
      "invoices from a boundary on",
      schedule("MONTHLY", FIRST, "2024-03-01"),
      term("2024-01-15"),
      ["2024-03-01..2024-04-01", "2024-04-01..2024-05-01", "2024-05-01..2024-06-01"],
    ],
    [
      "invoices from inside a period: cut to start there",
      schedule("MONTHLY", FIRST, "2024-03-20"),
      term("2024-01-15"),
      ["2024-03-20..2024-04-01", "2024-04-01..2024-05-01", "2024-05-01..2024-06-01"],
    ],
    [
      "invoices from before the contract: the contract's start",
      schedule("MONTHLY", FIRST, "2023-03-20"),
      term("2024-01-15", "2024-01-20"),
      ["2024-01-15..2024-01-20"],
    ],
  ])("%s", (_reason, terms, contract, expected) => {
    const shown: string[] = [];
    for (const period of usagePeriods(terms, contract)) {
      shown.push(show(period));
      if (contract.endingBefore === null && shown.length === 3) break;
    }
    expect(shown).toEqual(expected);
  });
});

describe("periodContaining", () => {
  const monthly = schedule("MONTHLY", START, "2024-02-10");
  const contract = term("2024-01-31", "2024-04-15");
  test.each<[string, string | undefined, string]>([
    ["2024-02-09", undefined, "before invoices are generated"],
    ["2024-02-10", "2024-02-10..2024-02-29", "a start belongs to its period"],
    ["2024-02-29", "2024-02-29..2024-03-31", "an end does not"],
    ["2024-04-14", "2024-03-31..2024-04-15", "cut at the contract's end"],
    ["2024-04-15", undefined, "after the contract"],
  ])("%s -> %s: %s", (instantOf, expected, _reason) => {
    const period = periodContaining(monthly, contract, at(instantOf));
    expect(period && show(period)).toBe(expected);
  });

  test("agrees with the list of periods, wherever the anchor is", () => {
    const day = fc
      .integer({ min: 0, max: 3000 })
      .map((n) => at("2020-01-01").add({ hours: n * 24 }));
    const frequency = fc.constantFrom<Frequency>("WEEKLY", "MONTHLY", "QUARTERLY", "ANNUAL");
    fc.assert(
      fc.property(
        frequency,
        day,
        day,
        fc.integer({ min: 0, max: 20_000 }),
        (f, anchorAt, start, h) => {
          const terms = schedule(f, { day: "CUSTOM_DATE", anchorAt });
          const contractTerm = { startingAt: start, endingBefore: null };
          const now = start.add({ hours: h });
          const listed = periodsUntil(terms, contractTerm, now);
          const last = listed.at(-1);
          expect(last && show(last)).toBe(
            show(periodContaining(terms, contractTerm, now) ?? NOTHING),
          );
          for (const [i, period] of listed.entries()) {
            expect(isAfter(period.end, period.start)).toBe(true);
            expect(instantText(period.start)).toBe(
              instantText(i === 0 ? start : (listed[i - 1]?.end ?? now)),
            );
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

const NOTHING: Interval = { start: at("1970-01-01"), end: at("1970-01-01") };
