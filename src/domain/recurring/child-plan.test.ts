import { describe, expect, test } from "vitest";
import {
  at,
  contract,
  recurringCommit,
  subscription,
} from "../../../test/support/sample-snapshot.ts";
import type { ProrationBasis } from "../conventions.ts";
import { dec, toText } from "../decimal.ts";
import { type Instant, instantText } from "../time.ts";
import { childIds, planChild, plannedAmount, plannedPurchase } from "./child-plan.ts";
import type { Proration, RecurringCommit } from "./recurring-commit.ts";
import { recurringPeriods } from "./recurring-periods.ts";

type Agreed = Parameters<typeof contract>[0];

const day = (instant: Instant) =>
  instantText(instant)
    .replace(/T00:00:00Z$/, "")
    .replace(":00:00Z", "");

function* plans(
  terms: Partial<RecurringCommit>,
  agreed: Agreed = {},
  basis: ProrationBasis = "time",
) {
  const recurring = recurringCommit(terms);
  const deal = contract(agreed);
  for (const period of recurringPeriods(deal, recurring, recurring.startingAt)) {
    yield planChild(deal, recurring, period, basis);
  }
}

/** The first children as "access from..until = amount". */
function children(terms: Partial<RecurringCommit>, count: number, agreed: Agreed = {}): string[] {
  const shown: string[] = [];
  for (const plan of plans(terms, agreed)) {
    const { active, accessEndingBefore, access } = plan;
    const window = `${day(active.start)}..${day(accessEndingBefore)}`;
    shown.push(`${window} = ${toText(plannedAmount(plan, access))}`);
    if (shown.length === count) break;
  }
  return shown;
}

const flat = (amount: string) => ({ unitPrice: dec(amount), quantity: dec("1") });

describe("children with the usage invoices", () => {
  test.each<[string, Partial<RecurringCommit>, string[], Agreed?]>([
    [
      "whole months have the whole amount, whatever their length",
      {},
      ["2024-01-01..2024-02-01 = 310", "2024-02-01..2024-03-01 = 310"],
    ],
    [
      "a first stub has its 22 of 31 days",
      { startingAt: at("2024-01-10") },
      ["2024-01-10..2024-02-01 = 220", "2024-02-01..2024-03-01 = 310"],
    ],
    [
      "a share that does not terminate keeps 12 decimals: 100 x 22 / 31",
      { startingAt: at("2024-01-10"), access: flat("100") },
      ["2024-01-10..2024-02-01 = 70.967741935484", "2024-02-01..2024-03-01 = 100"],
    ],
    [
      "hours count: 12 of the 744 hours of January, 310 x 12 / 744",
      { startingAt: at("2024-01-31T12") },
      ["2024-01-31T12..2024-02-01 = 5", "2024-02-01..2024-03-01 = 310"],
    ],
    [
      "February of a leap year has 29 days: 20 of them",
      { startingAt: at("2024-02-10"), access: flat("290") },
      ["2024-02-10..2024-03-01 = 200", "2024-03-01..2024-04-01 = 290"],
    ],
    [
      "February of 2025 has 28 days: 19 of them",
      { startingAt: at("2025-02-10"), access: flat("280") },
      ["2025-02-10..2025-03-01 = 190", "2025-03-01..2025-04-01 = 280"],
    ],
    [
      "units times their price, then the share: 3 x 310 x 22 / 31",
      { startingAt: at("2024-01-10"), access: { unitPrice: dec("310"), quantity: dec("3") } },
      ["2024-01-10..2024-02-01 = 660", "2024-02-01..2024-03-01 = 930"],
    ],
    [
      "a last part of a month has its 10 of 31 days, and access ends with it",
      { startingAt: at("2024-02-01"), endingBefore: at("2024-03-11") },
      ["2024-02-01..2024-03-01 = 310", "2024-03-01..2024-03-11 = 100"],
    ],
    [
      "an end on a boundary cuts nothing",
      { startingAt: at("2024-02-01"), endingBefore: at("2024-03-01") },
      ["2024-02-01..2024-03-01 = 310"],
    ],
    [
      "the contract's end cuts as the own end does: 15 of 31 days",
      { startingAt: at("2024-02-01"), endingBefore: at("2024-12-01") },
      ["2024-02-01..2024-03-01 = 310", "2024-03-01..2024-03-16 = 150"],
      { endingBefore: at("2024-03-16") },
    ],
    [
      "quarters are counted from the anchor: 51 of 91 days",
      { startingAt: at("2024-02-10"), access: flat("910") },
      ["2024-02-10..2024-04-01 = 510", "2024-04-01..2024-07-01 = 910"],
      {
        usageSchedule: {
          frequency: "QUARTERLY",
          anchor: { day: "FIRST_OF_MONTH" },
          invoiceGenerationStartingAt: null,
        },
      },
    ],
    [
      "an anchor on the 31st comes back after a short month",
      { startingAt: at("2024-01-31") },
      [
        "2024-01-31..2024-02-29 = 310",
        "2024-02-29..2024-03-31 = 310",
        "2024-03-31..2024-04-30 = 310",
      ],
      {
        usageSchedule: {
          frequency: "MONTHLY",
          anchor: { day: "CUSTOM_DATE", anchorAt: at("2024-01-31") },
          invoiceGenerationStartingAt: null,
        },
      },
    ],
  ])("%s", (_, terms, expected, agreed) => {
    expect(children(terms, expected.length + 1, agreed).slice(0, expected.length)).toEqual(
      expected,
    );
  });
});

describe("proration of January 10..20, the first and the last period at once", () => {
  test.each<[Proration, string, string]>([
    ["FIRST_AND_LAST", "100", "10 of 31 days"],
    ["FIRST", "220", "only the days before it are taken off: 22 of 31"],
    ["LAST", "190", "only the days after it are taken off: 19 of 31"],
    ["NONE", "310", "nothing is"],
  ])("%s gives %s: %s", (proration, amount) => {
    const terms = { startingAt: at("2024-01-10"), endingBefore: at("2024-01-20"), proration };
    expect(children(terms, 2)).toEqual([`2024-01-10..2024-01-20 = ${amount}`]);
  });
});

test.each<[ProrationBasis, string, string]>([
  ["time", "215", "21.5 of 31 days, in hours"],
  ["days", "220", "the day it begins in counts whole: 22 of 31"],
  ["thirty_day_months", "217", "from the 10th to the 30th are 21 of 30 days"],
])("January from noon of the 10th, by %s: %s (%s)", (basis, expected) => {
  const [plan] = plans({ startingAt: at("2024-01-10T12") }, {}, basis);
  expect(plan && toText(plannedAmount(plan, plan.access))).toBe(expected);
});

describe("children at a frequency of their own", () => {
  test.each<[string, Partial<RecurringCommit>, string[]]>([
    [
      "MONTHLY from January 31: the first is whole, the 31st comes back",
      { frequency: "MONTHLY", startingAt: at("2024-01-31") },
      [
        "2024-01-31..2024-02-29 = 310",
        "2024-02-29..2024-03-31 = 310",
        "2024-03-31..2024-04-30 = 310",
        "2024-04-30..2024-05-31 = 310",
      ],
    ],
    [
      "QUARTERLY from the 15th",
      { frequency: "QUARTERLY", startingAt: at("2024-01-15") },
      ["2024-01-15..2024-04-15 = 310", "2024-04-15..2024-07-15 = 310"],
    ],
    [
      "ANNUAL from February 29: the last of February until there is a 29th again",
      { frequency: "ANNUAL", startingAt: at("2024-02-29") },
      [
        "2024-02-29..2025-02-28 = 310",
        "2025-02-28..2026-02-28 = 310",
        "2026-02-28..2027-02-28 = 310",
        "2027-02-28..2028-02-29 = 310",
      ],
    ],
    [
      "WEEKLY, cut after 3 of 7 days: 70 x 3 / 7",
      {
        frequency: "WEEKLY",
        startingAt: at("2024-01-03"),
        endingBefore: at("2024-01-13"),
        access: flat("70"),
      },
      ["2024-01-03..2024-01-10 = 70", "2024-01-10..2024-01-13 = 30"],
    ],
    [
      "DAILY from noon, over a leap day",
      { frequency: "DAILY", startingAt: at("2024-02-28T12"), endingBefore: at("2024-03-01T00") },
      ["2024-02-28T12..2024-02-29T12 = 310", "2024-02-29T12..2024-03-01 = 155"],
    ],
  ])("%s", (_, terms, expected) => {
    expect(children(terms, expected.length)).toEqual(expected);
  });
});

describe("a duration of three periods", () => {
  const terms = { frequency: "MONTHLY", durationPeriods: 3 } as const;

  test("children overlap, each with the whole amount", () => {
    expect(children(terms, 3)).toEqual([
      "2024-01-01..2024-04-01 = 310",
      "2024-02-01..2024-05-01 = 310",
      "2024-03-01..2024-06-01 = 310",
    ]);
  });

  test("an end stops new children; those there are keep their access", () => {
    expect(children({ ...terms, endingBefore: at("2024-02-01") }, 3)).toEqual([
      "2024-01-01..2024-04-01 = 310",
    ]);
  });

  test("the contract's end ends access to all of them", () => {
    expect(children(terms, 9, { endingBefore: at("2024-02-15") })).toEqual([
      "2024-01-01..2024-02-15 = 310",
      "2024-02-01..2024-02-15 = 149.655172413793",
    ]);
  });

  test("after a stub two whole periods follow", () => {
    const stub = { ...terms, frequency: null, startingAt: at("2024-01-10") };
    expect(children(stub, 1)).toEqual(["2024-01-10..2024-04-01 = 220"]);
  });
});

describe("what is billed", () => {
  const billed = (unitPrice: string, quantity: string, startingAt: string) => {
    const [plan] = plans({
      startingAt: at(startingAt),
      invoice: { unitPrice: dec(unitPrice), quantity: dec(quantity) },
    });
    const purchase = plan && plannedPurchase(plan);
    return purchase && Object.values(purchase).map((value) => toText(value));
  };

  test.each([
    ["2024-01-01", "30", "2", ["30", "2", "60"], "a whole period as it was agreed"],
    ["2024-01-10", "31", "2", ["22", "2", "44"], "a share with an exact price: 31 x 22 / 31"],
    [
      "2024-01-10",
      "10",
      "3",
      ["21.290322580645", "1", "21.290322580645"],
      "30 x 22 / 31 is not three times any price of 12 decimals",
    ],
    ["2024-01-10", "31", "0", ["31", "0", "0"], "no units cost nothing"],
  ])("from %s %s x %s bills %j: %s", (startingAt, unitPrice, quantity, expected) => {
    expect(billed(unitPrice, quantity, startingAt)).toEqual(expected);
  });
});

describe("a pool", () => {
  const pool = {
    subscriptionId: "subscription",
    isIncreaseProrated: true,
    allocation: "POOLED" as const,
  };
  const perSeat = { unitPrice: dec("31"), quantity: null };
  const seats = subscription({
    id: "subscription",
    startingAt: at("2024-01-01"),
    quantities: [
      { id: "a", startingAt: at("2024-01-01"), quantity: dec("2") },
      { id: "b", startingAt: at("2024-02-01"), quantity: dec("5") },
      { id: "c", startingAt: at("2024-02-15"), quantity: dec("7") },
    ],
    endingBefore: at("2024-03-11"),
  });

  test("grants per unit, as many as there are when a child's period begins, until there are none", () => {
    expect(children({ access: perSeat, pool }, 9, { subscriptions: [seats] })).toEqual([
      "2024-01-01..2024-02-01 = 62",
      "2024-02-01..2024-03-01 = 155",
      "2024-03-01..2024-03-11 = 70",
    ]);
  });

  test("a child that begins before the subscription has no units yet", () => {
    const later = { ...seats, quantities: [], startingAt: at("2024-01-20") };
    expect(children({ access: perSeat, pool }, 1, { subscriptions: [later] })).toEqual([
      "2024-01-01..2024-02-01 = 0",
    ]);
  });
});

test("ids follow from the recurring commit and the start of the period, and from nothing else", () => {
  const [first, again] = [plans({}), plans({ access: flat("1"), endingBefore: at("2024-01-20") })]
    .map((all) => all.next().value)
    .map((plan) => plan && childIds(plan));
  expect(first).toEqual(again);
  const [, second] = [...take(plans({}), 2)].map(childIds);
  expect(new Set(Object.values(first ?? {})).size).toBe(3);
  expect(second?.id).not.toBe(first?.id);
});

function* take<Value>(values: Iterable<Value>, count: number): Generator<Value> {
  let n = 0;
  for (const value of values) {
    yield value;
    if (++n === count) return;
  }
}
