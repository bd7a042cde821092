import { describe, expect, test } from "vitest";
import {
  at,
  contract,
  recurringCommit,
  subscription,
} from "../../../test/support/sample-snapshot.ts";
import { dec, toText } from "../decimal.ts";
import { instantText } from "../time.ts";
import { type ChildPlan, childIds, plannedAmount } from "./child-plan.ts";
import { hasBegunMoreThan, nextChildrenAt, planChildren } from "./plan-children.ts";
import type { RecurringCommit } from "./recurring-commit.ts";

type Agreed = Parameters<typeof contract>[0];

const decide = (
  now: string,
  { terms = {}, agreed = {} }: { terms?: Partial<RecurringCommit>; agreed?: Agreed } = {},
  known: readonly ChildPlan[] = [],
) => planChildren(contract(agreed), recurringCommit(terms), known, at(now), "time");

const day = (plan: ChildPlan) => instantText(plan.active.start).slice(0, 10);
const show = (plan: ChildPlan) => `${day(plan)} = ${toText(plannedAmount(plan, plan.access))}`;

/** The children that stand on January 20: January's has started, February's is one ahead. */
const january = () => decide("2024-01-20").add;
const doubled = { terms: { access: { unitPrice: dec("620"), quantity: dec("1") } } };

describe("spawning", () => {
  test.each<[string, string, Partial<RecurringCommit>, string[]]>([
    ["the period that begins and one ahead", "2024-01-01", {}, ["2024-01-01", "2024-02-01"]],
    ["at the end of a period just the same", "2024-01-31T23", {}, ["2024-01-01", "2024-02-01"]],
    [
      "all that have begun, when time has passed",
      "2024-03-01",
      {},
      ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"],
    ],
    ["the first one when the period before it runs", "2024-01-05", february(), ["2024-02-10"]],
    ["nothing more than a period ahead", "2023-12-20", february(), []],
    ["none after the end", "2024-02-20", { endingBefore: at("2024-02-01") }, ["2024-01-01"]],
    [
      "none that begins at the end",
      "2024-01-20",
      { endingBefore: at("2024-02-01") },
      ["2024-01-01"],
    ],
  ])("%s (%s)", (_, now, terms, expected) => {
    expect(decide(now, { terms }).add.map(day)).toEqual(expected);
  });

  test("doing it twice changes nothing", () => {
    expect(decide("2024-01-20", {}, january())).toEqual({ add: [], change: [], removeIds: [] });
  });

  test("as time goes on only what is new is spawned", () => {
    expect(decide("2024-02-01", {}, january()).add.map(day)).toEqual(["2024-03-01"]);
  });

  test("a process that slept for months catches up", () => {
    expect(decide("2024-04-10", {}, january()).add.map(day)).toEqual([
      "2024-03-01",
      "2024-04-01",
      "2024-05-01",
    ]);
  });
});

function february(): Partial<RecurringCommit> {
  return { startingAt: at("2024-02-10") };
}

describe("changed terms", () => {
  test("touch the child ahead and leave the one that has started", () => {
    const { add, change, removeIds } = decide("2024-01-20", doubled, january());
    expect([add, change.map(show), removeIds]).toEqual([[], ["2024-02-01 = 620"], []]);
  });

  test("leave a child alone from the instant its period begins", () => {
    const { add, change } = decide("2024-02-01", doubled, january());
    expect([add.map(show), change]).toEqual([["2024-03-01 = 620"], []]);
  });

  test("an end before its period takes the child ahead away", () => {
    const ended = { terms: { endingBefore: at("2024-01-25") } };
    const { add, change, removeIds } = decide("2024-01-20", ended, january());
    expect([add, change, removeIds]).toEqual([[], [], [childIds(january()[1] as ChildPlan).id]]);
  });

  test("a contract that ends in the period ahead cuts it: 310 x 10 / 29", () => {
    const { change } = decide(
      "2024-01-20",
      { agreed: { endingBefore: at("2024-02-11") } },
      january(),
    );
    expect(change.map(show)).toEqual(["2024-02-01 = 106.896551724138"]);
  });

  test("a contract that was to end and is prolonged gives the child ahead its whole amount", () => {
    const short = { agreed: { endingBefore: at("2024-02-11") } };
    const known = decide("2024-01-20", short).add;
    expect(known.map(show)).toEqual(["2024-01-01 = 310", "2024-02-01 = 106.896551724138"]);
    expect(decide("2024-01-21", {}, known).change.map(show)).toEqual(["2024-02-01 = 310"]);
  });

  test("prolonged after its end: a cut child stays cut, the next whole period follows", () => {
    const known = decide("2024-01-20", { agreed: { endingBefore: at("2024-01-16") } }).add;
    expect(known.map(show)).toEqual(["2024-01-01 = 150"]);
    const { add, change } = decide("2024-01-20", {}, known);
    expect([add.map(show), change]).toEqual([["2024-02-01 = 310"], []]);
  });

  test("another quantity of its subscription reaches the child ahead", () => {
    const seats = (quantity: string) => ({
      terms: {
        access: { unitPrice: dec("31"), quantity: null },
        pool: {
          subscriptionId: "subscription",
          isIncreaseProrated: false,
          allocation: "POOLED" as const,
        },
      },
      agreed: {
        subscriptions: [
          subscription({
            id: "subscription",
            startingAt: at("2024-01-01"),
            endingBefore: null,
            quantities: [
              { id: "a", startingAt: at("2024-01-01"), quantity: dec("2") },
              { id: "b", startingAt: at("2024-01-20"), quantity: dec(quantity) },
            ],
          }),
        ],
      },
    });
    const known = decide("2024-01-19", seats("2")).add;
    expect(decide("2024-01-20", seats("3"), known).change.map(show)).toEqual(["2024-02-01 = 93"]);
    expect(decide("2024-01-20", seats("1"), known).change.map(show)).toEqual(["2024-02-01 = 31"]);
  });
});

describe("the next instant to look at", () => {
  test.each<[string, Partial<RecurringCommit>, string | null, string]>([
    ["2024-01-20", {}, "2024-02-01", "where the next period begins"],
    ["2024-02-01", {}, "2024-03-01", "at a boundary the one after it"],
    ["2023-12-20", february(), "2024-01-01", "where the first child comes a period ahead"],
    ["2024-01-20", { frequency: "DAILY", startingAt: at("2024-01-01") }, "2024-01-21", "daily"],
    ["2024-01-20", { endingBefore: at("2024-02-01") }, null, "nothing after the end"],
  ])("at %s with %j it is %s: %s", (now, terms, expected) => {
    const next = nextChildrenAt(contract(), recurringCommit(terms), at(now));
    expect(next && instantText(next).slice(0, 10)).toBe(expected);
  });

  test("a change of the quantity that a pool follows", () => {
    const seats = subscription({
      id: "subscription",
      startingAt: at("2024-01-01"),
      endingBefore: null,
      quantities: [
        { id: "a", startingAt: at("2024-01-01"), quantity: dec("2") },
        { id: "b", startingAt: at("2024-01-25"), quantity: dec("3") },
      ],
    });
    const terms = {
      pool: {
        subscriptionId: "subscription",
        isIncreaseProrated: false,
        allocation: "POOLED" as const,
      },
    };
    const next = nextChildrenAt(
      contract({ subscriptions: [seats] }),
      recurringCommit(terms),
      at("2024-01-20"),
    );
    expect(next).toEqual(at("2024-01-25"));
  });
});

test.each([
  [2, true, "January, February and March have begun"],
  [3, false, "three are not more than three"],
])("more than %i periods on March 1: %s, because %s", (limit, expected) => {
  expect(hasBegunMoreThan(limit, contract(), recurringCommit(), at("2024-03-01"))).toBe(expected);
});
