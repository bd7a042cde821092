import { describe, expect, test } from "vitest";
import { at, contract, subscription } from "../../../test/support/sample-snapshot.ts";
import { dec } from "../decimal.ts";
import { type Instant, instantText } from "../time.ts";
import type { QuantityChange, Subscription } from "./subscription.ts";
import { subscriptionCharges } from "./subscription-charges.ts";
import { subscriptionPeriods } from "./subscription-periods.ts";

const day = (instant: Instant) => instantText(instant).replace("T00:00:00Z", "");

/** Quantities as [day, quantity]. */
const quantities = (...changes: readonly (readonly [string, string])[]): QuantityChange[] =>
  changes.map(([on, quantity]) => ({ id: on, startingAt: at(on), quantity: dec(quantity) }));

/** "3 for 2024-01-10..2024-02-01, due 2024-02-01" */
const charges = (
  terms: Partial<Subscription>,
  after: string,
  until: string,
  agreed: Parameters<typeof contract>[0] = {},
): string[] =>
  subscriptionCharges(contract(agreed), subscription(terms), at(after), at(until)).map(
    ({ quantity, window, collectedAt }) =>
      `${quantity.toFixed()} for ${day(window.start)}..${day(window.end)}, due ${day(collectedAt)}`,
  );

describe("periods", () => {
  const periods = (terms: Partial<Subscription>, anchor: string, count: number) => {
    const usageSchedule = {
      frequency: "MONTHLY",
      anchor: { day: "CUSTOM_DATE", anchorAt: at(anchor) },
      invoiceGenerationStartingAt: null,
    } as const;
    const found: string[] = [];
    const term = subscription(terms);
    for (const { active } of subscriptionPeriods(
      contract({ usageSchedule }),
      term,
      term.startingAt,
    )) {
      found.push(`${day(active.start)}..${day(active.end)}`);
      if (found.length === count) break;
    }
    return found;
  };

  test.each([
    [
      "MONTHLY",
      "2024-01-31",
      ["2024-01-10..2024-01-31", "2024-01-31..2024-02-29", "2024-02-29..2024-03-31"],
      "month ends are counted from the anchor: back to the 31st after a leap February",
    ],
    [
      "QUARTERLY",
      "2023-11-30",
      ["2024-01-10..2024-02-29", "2024-02-29..2024-05-30", "2024-05-30..2024-08-30"],
      "every third month from the anchor",
    ],
    [
      "ANNUAL",
      "2024-02-29",
      ["2024-01-10..2024-02-29", "2024-02-29..2025-02-28", "2025-02-28..2026-02-28"],
      "a year without a 29th ends on the 28th",
    ],
    [
      "WEEKLY",
      "2024-01-01",
      ["2024-01-10..2024-01-15", "2024-01-15..2024-01-22", "2024-01-22..2024-01-29"],
      "Mondays, as the anchor is one",
    ],
    [
      "DAILY",
      "2024-01-01",
      ["2024-01-10..2024-01-11", "2024-01-11..2024-01-12", "2024-01-12..2024-01-13"],
      "midnight to midnight",
    ],
  ] as const)("%s from %s: %j, because %s", (billingFrequency, anchor, expected, _because) => {
    expect(periods({ billingFrequency, startingAt: at("2024-01-10") }, anchor, 3)).toEqual(
      expected,
    );
  });

  test("the subscription's end and the contract's cut the last one", () => {
    const ends = { endingBefore: at("2024-02-10") };
    expect(charges(ends, "2024-01-01", "2025-01-01")).toEqual([
      "1 for 2024-01-01..2024-02-01, due 2024-02-01",
      "1 for 2024-02-01..2024-02-10, due 2024-02-10",
    ]);
    expect(charges({}, "2024-01-01", "2025-01-01", ends)).toEqual(
      charges(ends, "2024-01-01", "2025-01-01"),
    );
  });
});

describe("what is charged in January and February, and when", () => {
  const grown = quantities(["2024-01-01", "2"], ["2024-01-10", "5"]);
  const immediately = {
    collectionSchedule: "ADVANCE",
    invoiceBehavior: "BILL_IMMEDIATELY",
  } as const;
  const later = {
    collectionSchedule: "ADVANCE",
    invoiceBehavior: "BILL_ON_NEXT_COLLECTION_DATE",
  } as const;

  test.each([
    [
      "in arrears",
      {},
      [
        "2 for 2024-01-01..2024-02-01, due 2024-02-01",
        "3 for 2024-01-10..2024-02-01, due 2024-02-01",
        "5 for 2024-02-01..2024-03-01, due 2024-03-01",
      ],
      "all of a period falls due at its end, the increase on a line of its own",
    ],
    [
      "in advance, increases at once",
      immediately,
      [
        "2 for 2024-01-01..2024-02-01, due 2024-01-01",
        "3 for 2024-01-10..2024-02-01, due 2024-01-10",
        "5 for 2024-02-01..2024-03-01, due 2024-02-01",
        "5 for 2024-03-01..2024-04-01, due 2024-03-01",
      ],
      "a period falls due at its start",
    ],
    [
      "in advance, increases with the next period",
      later,
      [
        "2 for 2024-01-01..2024-02-01, due 2024-01-01",
        "3 for 2024-01-10..2024-02-01, due 2024-02-01",
        "5 for 2024-02-01..2024-03-01, due 2024-02-01",
        "5 for 2024-03-01..2024-04-01, due 2024-03-01",
      ],
      "February's start is the next time that anything is collected",
    ],
  ])("%s, because %s", (_when, terms, expected, _because) => {
    expect(charges({ ...terms, quantities: grown }, "2023-12-31", "2024-03-01")).toEqual(expected);
  });

  test.each([
    [
      quantities(["2024-01-01", "5"], ["2024-01-10", "2"]),
      ["5 for 2024-01-01..2024-02-01", "2 for 2024-02-01..2024-03-01"],
      "a decrease gives nothing back and counts from the next period",
    ],
    [
      quantities(["2024-01-01", "5"], ["2024-01-10", "2"], ["2024-01-20", "5"]),
      ["5 for 2024-01-01..2024-02-01", "5 for 2024-02-01..2024-03-01"],
      "the five are paid for until February, so three coming back cost nothing",
    ],
    [
      quantities(["2024-01-01", "5"], ["2024-01-10", "2"], ["2024-01-20", "6"]),
      [
        "5 for 2024-01-01..2024-02-01",
        "1 for 2024-01-20..2024-02-01",
        "6 for 2024-02-01..2024-03-01",
      ],
      "only the sixth is new",
    ],
    [
      quantities(["2024-01-01", "5"], ["2024-02-01", "7"]),
      ["5 for 2024-01-01..2024-02-01", "7 for 2024-02-01..2024-03-01"],
      "a change at a boundary is the quantity of the period that begins",
    ],
    [
      quantities(["2024-01-01", "0"]),
      ["0 for 2024-01-01..2024-02-01", "0 for 2024-02-01..2024-03-01"],
      "nothing is shown as nothing",
    ],
  ])("%j: %j, because %s", (changes, expected) => {
    const found = charges({ quantities: changes }, "2024-01-01", "2024-03-01");
    expect(found.map((charge) => charge.split(",")[0])).toEqual(expected);
  });
});

test("a charge keeps its id whatever range it is asked for in", () => {
  const ids = (after: string, until: string) =>
    subscriptionCharges(contract(), subscription(), at(after), at(until)).map(({ id }) => id);
  const all = ids("2024-01-01", "2024-04-01");
  expect(new Set(all).size).toBe(3);
  expect([
    ...ids("2024-01-01", "2024-02-01"),
    ...ids("2024-02-01", "2024-03-15"),
    ...ids("2024-03-15", "2024-04-01"),
  ]).toEqual(all);
});
