import { describe, expect, test } from "vitest";
import { at, contract, subscription } from "../../../test/support/sample-snapshot.ts";
import { dec } from "../decimal.ts";
import { type Instant, instantText } from "../time.ts";
import { planSeats, type SeatUpdate } from "./plan-seats.ts";
import { type SeatFilter, seatHistory } from "./seat-history.ts";
import { seatQuantities, seatStates } from "./seats.ts";
import type { SeatChange, SeatWish, Subscription, SubscriptionSeats } from "./subscription.ts";
import { subscriptionCharges } from "./subscription-charges.ts";

const day = (instant: Instant) => instantText(instant).replace("T00:00:00Z", "");
const assign = (...seatIds: string[]): SeatWish => ({ type: "ASSIGN", seatIds });
const unassign = (...seatIds: string[]): SeatWish => ({ type: "UNASSIGN", seatIds });
const spare = (count: number): SeatWish => ({ type: "ADD_UNASSIGNED", count });
const fewer = (count: number): SeatWish => ({ type: "REMOVE_UNASSIGNED", count });

type Dated = readonly [on: string, wish: SeatWish];
const toChanges = (changes: readonly Dated[]): SeatChange[] =>
  changes.map(([on, wish], n) => ({ id: `change ${n}`, startingAt: at(on), ...wish }));
const toUpdates = (changes: readonly Dated[]): SeatUpdate[] =>
  changes.map(([on, wish]) => ({ startingAt: at(on), ...wish }));

/** So many seats from January 1, 2024, then the changes. */
const seated = (
  units: string,
  changes: readonly SeatChange[],
  rest: Partial<Subscription> = {},
) => {
  const base = [{ id: "first", startingAt: at("2024-01-01"), quantity: dec(units) }];
  const seats: SubscriptionSeats = { groupKey: "user", base, changes };
  return { ...subscription(rest), quantities: seatQuantities(base, changes), seats };
};

/** "2024-01-10: 3 [a b]": three seats, two of which somebody has. */
const show = ({ seats: { base, changes } }: { seats: SubscriptionSeats }): string[] =>
  seatStates(base, changes).map(
    ({ startingAt, seatIds, unassigned }) =>
      `${day(startingAt)}: ${seatIds.length + unassigned} [${seatIds.join(" ")}]`,
  );

describe("seats", () => {
  test.each([
    [
      "2",
      [["2024-01-01", assign("a", "b")]],
      ["2024-01-01: 2 [a b]"],
      "the first ids fill the seats",
    ],
    [
      "3",
      [["2024-01-10", assign("a")]],
      ["2024-01-01: 3 []", "2024-01-10: 3 [a]"],
      "a seat that nobody has is filled",
    ],
    [
      "1",
      [["2024-01-10", assign("a", "b", "c")]],
      ["2024-01-01: 1 []", "2024-01-10: 3 [a b c]"],
      "one is filled, two are new",
    ],
    [
      "0",
      [
        ["2024-01-10", assign("a", "a")],
        ["2024-01-11", assign("a")],
      ],
      ["2024-01-01: 0 []", "2024-01-10: 1 [a]", "2024-01-11: 1 [a]"],
      "nobody has two",
    ],
    [
      "1",
      [
        ["2024-01-10", assign("a", "b")],
        ["2024-01-11", unassign("b", "nobody")],
      ],
      ["2024-01-01: 1 []", "2024-01-10: 2 [a b]", "2024-01-11: 1 [a]"],
      "the seat goes with who has it; who has none is passed over",
    ],
    [
      "1",
      [
        ["2024-01-10", spare(2)],
        ["2024-01-11", assign("a")],
        ["2024-01-12", fewer(5)],
      ],
      ["2024-01-01: 1 []", "2024-01-10: 3 []", "2024-01-11: 3 [a]", "2024-01-12: 1 [a]"],
      "no more go than nobody has",
    ],
    [
      "0",
      [
        ["2024-01-10", assign("a")],
        ["2024-01-10", unassign("a")],
        ["2024-01-10", assign("b")],
      ],
      ["2024-01-01: 0 []", "2024-01-10: 1 [b]"],
      "one state for an instant, the last",
    ],
  ] satisfies [string, Dated[], string[], string][])("%s and %j: %j, because %s", (...row) => {
    const [units, changes, expected] = row;
    expect(show(seated(units, toChanges(changes)))).toEqual(expected);
  });

  test("charges follow the number of seats, not who has them", () => {
    const changes = toChanges([
      ["2024-01-01", assign("a", "b")],
      ["2024-01-10", unassign("a")],
      ["2024-01-10", assign("c")],
      ["2024-01-16", assign("d", "e")],
      ["2024-01-20", unassign("b")],
    ]);
    const term = seated("2", changes);
    const found = subscriptionCharges(contract(), term, at("2024-01-01"), at("2024-03-01"));
    expect(
      found.map(({ quantity, window }) => `${quantity.toFixed()} from ${day(window.start)}`),
    ).toEqual(["2 from 2024-01-01", "2 from 2024-01-16", "3 from 2024-02-01"]);
  });
});

describe("planned seats", () => {
  const now = at("2024-02-20");
  const plan = (
    term: Subscription & { seats: SubscriptionSeats },
    updates: readonly Dated[],
    invoicedUntil = "2023-12-31",
  ) => {
    const billed = subscriptionCharges(contract(), term, at("2023-12-31"), at(invoicedUntil));
    const invoicedChargeIds = new Set(billed.map(({ id }) => id));
    const planned = planSeats(contract(), { ...term, invoicedChargeIds }, toUpdates(updates), now);
    return "problem" in planned
      ? `${planned.field}[${planned.index}] ${planned.problem}`
      : planned.map(({ type, startingAt }) => `${type} ${day(startingAt)}`);
  };

  test("they happen in order of time; at one instant who leaves makes room first", () => {
    expect(
      plan(seated("5", []), [
        ["2024-02-10", spare(1)],
        ["2024-02-10", assign("b")],
        ["2024-02-05", assign("a")],
        ["2024-02-10", fewer(1)],
        ["2024-02-10", unassign("a")],
      ]),
    ).toEqual([
      "ASSIGN 2024-02-05",
      "UNASSIGN 2024-02-10",
      "REMOVE_UNASSIGNED 2024-02-10",
      "ASSIGN 2024-02-10",
      "ADD_UNASSIGNED 2024-02-10",
    ]);
  });

  test("a swap at one instant costs nothing", () => {
    const term = seated("1", toChanges([["2024-01-01", assign("a")]]));
    const swapped = planSeats(
      contract(),
      term,
      toUpdates([
        ["2024-02-10", assign("b")],
        ["2024-02-10", unassign("a")],
      ]),
      now,
    );
    if ("problem" in swapped) throw new Error(swapped.problem);
    const changes = swapped.map((change, n) => ({ ...change, id: `swap ${n}` }));
    const after = seated("1", [...term.seats.changes, ...changes]);
    expect(show(after)).toEqual(["2024-01-01: 1 [a]", "2024-02-10: 1 [b]"]);
    const charges = subscriptionCharges(contract(), after, at("2024-02-01"), at("2024-03-01"));
    expect(charges.map(({ quantity }) => quantity.toFixed())).toEqual(["1"]);
  });

  test("a change may come before one that is planned already", () => {
    const leaving = seated("2", toChanges([["2024-03-01", unassign("a")]]));
    expect(plan(leaving, [["2024-02-10", assign("a")]])).toEqual(["ASSIGN 2024-02-10"]);
  });

  test.each([
    [[["2023-12-31", assign("a")]], /^starting_at\[0\] must not be before 2024-01-01T00:00:00Z/],
    [
      [
        ["2024-02-10", assign("a")],
        ["2024-03-01", assign("b")],
      ],
      /^starting_at\[1\] must be before the subscription's end/,
    ],
    [[["2024-02-10", spare(999)]], /^seats\[0\] lead to 1001 seats/],
    [
      [
        ["2024-02-11", fewer(999)],
        ["2024-02-10", spare(999)],
      ],
      /^seats\[0\] lead to 1001 seats/,
    ],
  ] satisfies [Dated[], RegExp][])("%j is refused with %s", (updates, expected) => {
    expect(plan(seated("2", [], { endingBefore: at("2024-03-01") }), updates)).toMatch(expected);
  });

  test("a thousand seats are possible", () => {
    expect(plan(seated("2", []), [["2024-02-10", spare(998)]])).toEqual([
      "ADD_UNASSIGNED 2024-02-10",
    ]);
  });

  test("what a finalized invoice bills stays as it is", () => {
    const late: readonly Dated[] = [["2024-01-31T23", assign("a")]];
    expect(plan(seated("2", []), late, "2024-02-01")).toMatch(/what comes before is invoiced/);
    expect(plan(seated("2", []), [["2024-02-01", assign("a")]], "2024-02-01")).toEqual([
      "ASSIGN 2024-02-01",
    ]);
  });
});

describe("the history of seats", () => {
  const term = seated(
    "1",
    toChanges([
      ["2024-01-01", assign("a")],
      ["2024-02-01", assign("b")],
      ["2024-03-01", unassign("a")],
    ]),
  );
  const history = (filter: SeatFilter, terms: Partial<Subscription> = {}) =>
    seatHistory(contract(), { ...term, ...terms, seats: term.seats }, filter).map(
      ({ startingAt, endingBefore, quantity, seatIds }) =>
        `${day(startingAt)}..${endingBefore === null ? "" : day(endingBefore)}: ${quantity} [${seatIds.join(" ")}]`,
    );
  const january = "2024-01-01..2024-02-01: 1 [a]";
  const february = "2024-02-01..2024-03-01: 2 [a b]";
  const march = "2024-03-01..: 1 [b]";

  test.each([
    [{}, [january, february, march], "without bounds all of it"],
    [{ coveringAt: at("2024-02-01") }, [february], "a start belongs to it"],
    [{ coveringAt: at("2024-01-31T23") }, [january], "an end does not"],
    [{ coveringAt: at("2023-12-31") }, [], "before it began there is none"],
    [{ from: at("2024-02-10") }, [february, march], "in force then or later"],
    [{ to: at("2024-02-01") }, [january, february], "in force then or earlier"],
    [{ from: at("2024-02-10"), to: at("2024-02-20") }, [february], "in between"],
  ] as [SeatFilter, string[], string][])("%#: %j", (filter, expected, _because) => {
    expect(history(filter)).toEqual(expected);
  });

  test("it ends with the subscription", () => {
    expect(history({}, { endingBefore: at("2024-02-10") })).toEqual([
      january,
      "2024-02-01..2024-02-10: 2 [a b]",
    ]);
  });
});
