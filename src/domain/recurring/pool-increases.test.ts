import { expect, test } from "vitest";
import { at, contract, recurringCommit } from "../../../test/support/sample-snapshot.ts";
import { dec, toText } from "../decimal.ts";
import { instantText } from "../time.ts";
import type { ChildPlan } from "./child-plan.ts";
import { planChildren } from "./plan-children.ts";
import { poolIncreases } from "./pool-increases.ts";

const recurring = (isIncreaseProrated: boolean) =>
  recurringCommit({
    startingAt: at("2024-04-01"),
    pool: { subscriptionId: "subscription", isIncreaseProrated, allocation: "POOLED" as const },
  });

/** April of 30 days, at 30 a unit; 2 units when it began. */
function april(): ChildPlan {
  const [plan] = planChildren(contract(), recurring(false), [], at("2024-04-01"), "time").add;
  if (plan === undefined) throw new Error("April has a child");
  return { ...plan, access: { unitPrice: dec("30"), quantity: dec("2") } };
}

const increases = (
  changes: readonly (readonly [string, string])[],
  { now = "2024-05-01", isProrated = true } = {},
): string[] =>
  poolIncreases(
    recurring(isProrated),
    {
      quantities: changes.map(([on, quantity]) => ({
        id: on,
        startingAt: at(on),
        quantity: dec(quantity),
      })),
    },
    april(),
    at(now),
  ).map(
    ({ at: when, quantity, amount }) =>
      `${instantText(when).slice(0, 10)}: ${toText(quantity)} = ${toText(amount)}`,
  );

test.each<[string, [string, string][], string[]]>([
  ["nothing changes, nothing is added", [["2024-04-01", "2"]], []],
  ["3 units for 15 of 30 days: 3 x 30 x 15 / 30", [["2024-04-16", "5"]], ["2024-04-16: 3 = 45"]],
  ["1 unit for a day", [["2024-04-30", "3"]], ["2024-04-30: 1 = 1"]],
  [
    "two increases, each for the rest of the period",
    [
      ["2024-04-11", "3"],
      ["2024-04-16", "5"],
    ],
    ["2024-04-11: 1 = 20", "2024-04-16: 2 = 30"],
  ],
  [
    "a decrease takes nothing back, coming back up adds nothing, going beyond does",
    [
      ["2024-04-11", "0"],
      ["2024-04-16", "2"],
      ["2024-04-21", "3"],
    ],
    ["2024-04-21: 1 = 10"],
  ],
  [
    "a change at the start that came after the child was granted",
    [["2024-04-01", "3"]],
    ["2024-04-01: 1 = 30"],
  ],
  [
    "changes of other periods are not the child's",
    [
      ["2024-03-31", "9"],
      ["2024-05-01", "9"],
    ],
    [],
  ],
])("%s", (_, changes, expected) => {
  expect(increases(changes)).toEqual(expected);
});

test("unprorated, an increase on the last day is worth a whole period", () => {
  expect(increases([["2024-04-30", "3"]], { isProrated: false })).toEqual(["2024-04-30: 1 = 30"]);
});

test("what is still to come adds nothing yet", () => {
  expect(increases([["2024-04-16", "5"]], { now: "2024-04-15T23" })).toEqual([]);
  expect(increases([["2024-04-16", "5"]], { now: "2024-04-16" })).toEqual(["2024-04-16: 3 = 45"]);
});
