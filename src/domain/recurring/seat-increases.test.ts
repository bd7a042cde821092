import { describe, expect, test } from "vitest";
import {
  at,
  contract,
  recurringCommit,
  subscription,
} from "../../../test/support/sample-snapshot.ts";
import { dec, toText } from "../decimal.ts";
import { seatQuantities } from "../subscriptions/seats.ts";
import type { SeatChange, SeatWish, Subscription } from "../subscriptions/subscription.ts";
import { instantText } from "../time.ts";
import type { ChildPlan } from "./child-plan.ts";
import { nextChildrenAt, planChildren } from "./plan-children.ts";
import { seatIncreases } from "./seat-increases.ts";
import { seatSegments } from "./seat-segments.ts";

const assign = (...seatIds: string[]): SeatWish => ({ type: "ASSIGN", seatIds });
const unassign = (...seatIds: string[]): SeatWish => ({ type: "UNASSIGN", seatIds });

type Dated = readonly [on: string, wish: SeatWish];

/** Two seats that nobody has, then the changes. */
function seated(changes: readonly Dated[]): Subscription {
  const base = [{ id: "first", startingAt: at("2024-01-01"), quantity: dec("2") }];
  const dated = changes.map(
    ([on, wish], n): SeatChange => ({ id: `change ${n}`, startingAt: at(on), ...wish }),
  );
  const seats = { groupKey: "user", base, changes: dated };
  return subscription({ quantities: seatQuantities(base, dated), seats });
}

/** 30 a seat and month. */
const perSeat = (isIncreaseProrated = true, from = "2024-04-01") =>
  recurringCommit({
    startingAt: at(from),
    access: { unitPrice: dec("30"), quantity: null },
    pool: { subscriptionId: "subscription", isIncreaseProrated, allocation: "INDIVIDUAL" },
  });

/** The child of April, of 30 days, as it is planned on its first day. */
function april(term: Subscription, recurring = perSeat()): ChildPlan {
  const agreed = contract({ subscriptions: [term] });
  const [plan] = planChildren(agreed, recurring, [], recurring.startingAt, "time").add;
  if (plan === undefined) throw new Error("April has a child");
  return plan;
}

const granted = (plan: ChildPlan): string[] =>
  seatSegments(plan).map(({ seatId, amount }) => `${seatId} ${toText(amount)}`);

describe("what a child grants when it begins", () => {
  test("each seat that somebody has is granted one unit", () => {
    const plan = april(seated([["2024-03-01", assign("ann", "bob")]]));
    expect(granted(plan)).toEqual(["ann 30", "bob 30"]);
    expect(toText(plan.access.quantity)).toBe("2");
  });

  test("seats that nobody has are granted nothing", () => {
    expect(granted(april(seated([["2024-03-01", assign("ann")]])))).toEqual(["ann 30"]);
    expect(granted(april(seated([])))).toEqual([]);
  });

  test("a first part of a period grants its share: 10 of 30 days", () => {
    const term = seated([["2024-03-01", assign("ann", "bob")]]);
    expect(granted(april(term, perSeat(true, "2024-04-21")))).toEqual(["ann 10", "bob 10"]);
  });

  test("a child that is to come follows the seats; one that has begun does not", () => {
    const before = seated([["2024-03-01", assign("ann")]]);
    const after = seated([
      ["2024-03-01", assign("ann")],
      ["2024-04-10", assign("bob")],
    ]);
    const known = planChildren(
      contract({ subscriptions: [before] }),
      perSeat(),
      [],
      at("2024-04-05"),
      "time",
    ).add;
    expect(known.map(granted)).toEqual([["ann 30"], ["ann 30"]]);
    const changes = planChildren(
      contract({ subscriptions: [after] }),
      perSeat(),
      known,
      at("2024-04-05"),
      "time",
    );
    expect(changes.change.map(granted)).toEqual([["ann 30", "bob 30"]]);
    expect([changes.add, changes.removeIds]).toEqual([[], []]);
  });

  test("they need attention when a seat changes hands", () => {
    const term = seated([
      ["2024-03-01", assign("ann")],
      ["2024-04-10", unassign("ann")],
      ["2024-04-10", assign("bob")],
    ]);
    const agreed = contract({ subscriptions: [term] });
    const next = nextChildrenAt(agreed, perSeat(), at("2024-04-05"));
    expect(next && instantText(next)).toBe("2024-04-10T00:00:00Z");
  });
});

describe("what seats bring that come within a child's period", () => {
  const increases = (
    changes: readonly Dated[],
    { now = "2024-05-01", isProrated = true } = {},
  ): string[] => {
    const recurring = perSeat(isProrated);
    const plan = april(seated([["2024-03-01", assign("ann")]]), recurring);
    const term = seated([["2024-03-01", assign("ann")], ...changes]);
    return seatIncreases(recurring, term, plan, at(now)).map(
      ({ seatId, at: when, amount }) =>
        `${instantText(when).slice(0, 10)}: ${seatId} ${toText(amount)}`,
    );
  };

  test.each<[string, Dated[], string[]]>([
    ["nobody comes", [], []],
    ["15 of 30 days", [["2024-04-16", assign("bob")]], ["2024-04-16: bob 15"]],
    [
      "two at once, into a seat that nobody has and a new one",
      [["2024-04-16", assign("bob", "cat")]],
      ["2024-04-16: bob 15", "2024-04-16: cat 15"],
    ],
    ["who has one already brings nothing", [["2024-04-16", assign("ann")]], []],
    [
      "who comes back brings nothing again",
      [
        ["2024-04-11", unassign("ann")],
        ["2024-04-16", assign("ann")],
      ],
      [],
    ],
    [
      "who takes over a seat brings its part of the rest",
      [
        ["2024-04-21", unassign("ann")],
        ["2024-04-21", assign("bob")],
      ],
      ["2024-04-21: bob 10"],
    ],
    [
      "who was added later for the first day, or for a day before it, counts from the first day",
      [
        ["2024-04-01", assign("bob")],
        ["2024-03-20", assign("cat")],
      ],
      ["2024-04-01: cat 30", "2024-04-01: bob 30"],
    ],
    ["the next period is another child's", [["2024-05-01", assign("bob")]], []],
  ])("%s", (_what, changes, expected) => {
    const inTurn = changes.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    expect(increases(inTurn)).toEqual(expected);
  });

  test("without proration each brings all of it", () => {
    expect(increases([["2024-04-16", assign("bob")]], { isProrated: false })).toEqual([
      "2024-04-16: bob 30",
    ]);
  });

  test("what is to come brings nothing yet", () => {
    expect(increases([["2024-04-16", assign("bob")]], { now: "2024-04-15" })).toEqual([]);
  });

  test("a seat keeps the ids of what it brings", () => {
    const plan = april(seated([]));
    const ids = (now: string) =>
      seatIncreases(perSeat(), seated([["2024-04-16", assign("bob")]]), plan, at(now)).map(
        ({ id, segmentId }) => `${id} ${segmentId}`,
      );
    expect(ids("2024-04-20")).toEqual(ids("2024-04-30"));
    expect(ids("2024-04-20")).toHaveLength(1);
  });
});
