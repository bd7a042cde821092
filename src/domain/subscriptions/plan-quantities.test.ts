import { describe, expect, test } from "vitest";
import { at, contract, subscription } from "../../../test/support/sample-snapshot.ts";
import { dec } from "../decimal.ts";
import { planQuantities, type QuantityUpdate } from "./plan-quantities.ts";
import type { Subscription } from "./subscription.ts";
import { subscriptionCharges } from "./subscription-charges.ts";

const to = (on: string, quantity: string): QuantityUpdate => ({
  startingAt: at(on),
  quantity: dec(quantity),
});
const by = (on: string, delta: string): QuantityUpdate => ({
  startingAt: at(on),
  delta: dec(delta),
});

/** Plans on February 20, with everything invoiced that fell due up to `invoicedUntil`. */
function plan(
  terms: Partial<Subscription>,
  updates: readonly QuantityUpdate[],
  invoicedUntil = "2023-12-31",
) {
  const open = subscription(terms);
  const billed = subscriptionCharges(contract(), open, at("2023-12-31"), at(invoicedUntil));
  const invoicedChargeIds = new Set(billed.map(({ id }) => id));
  const term = { ...open, invoicedChargeIds };
  const planned = planQuantities(contract(), term, updates, at("2024-02-20"));
  return "problem" in planned
    ? `${planned.field}[${planned.index}] ${planned.problem}`
    : planned.map(({ quantity }) => quantity.toFixed());
}

describe("quantities", () => {
  test.each([
    [[to("2024-02-10", "5")], ["5"], "a new quantity"],
    [[by("2024-02-10", "3")], ["4"], "one more than the three, for one is there"],
    [[to("2024-02-21", "12"), by("2024-02-21", "-1")], ["12", "11"], "in the order given"],
    [[to("2024-02-10", "0")], ["0"], "none is a quantity"],
  ])("%#: %j", (updates, expected, _because) => {
    expect(plan({}, updates)).toEqual(expected);
  });

  test.each([
    [[by("2024-02-10", "-2")], "quantity_delta[0] must not lead to a quantity below 0"],
    [[to("2024-02-10", "5"), to("2024-02-09", "6")], /^starting_at\[1\] must not be before/],
    [[to("2023-12-31", "5")], /^starting_at\[0\] must not be before 2024-01-01T00:00:00Z/],
    [[to("2024-03-01", "5")], /^starting_at\[0\] must be before the subscription's end/],
  ])("%#: refused with %s", (updates, expected) => {
    expect(plan({ endingBefore: at("2024-03-01") }, updates)).toMatch(expected);
  });
});

describe("what is invoiced stays as it is", () => {
  const inAdvance = {
    collectionSchedule: "ADVANCE",
    invoiceBehavior: "BILL_IMMEDIATELY",
    quantities: [
      { id: "first", startingAt: at("2024-01-01"), quantity: dec("1") },
      { id: "second", startingAt: at("2024-02-05"), quantity: dec("2") },
    ],
  } as const;

  test.each([
    [{}, "2024-01-31T23", "2024-02-01", false, "the last hour of January is invoiced"],
    [{}, "2024-02-01", "2024-02-01", true, "February is not"],
    [{}, "2024-01-31T23", "2024-01-31", true, "January is a draft still"],
    [inAdvance, "2024-02-05", "2024-02-05", true, "another increase in the same hour"],
    [inAdvance, "2024-02-06", "2024-02-05", true, "increases have charges of their own"],
  ] as const)("%#: a change on %s", (terms, on, invoicedUntil, isPossible, _because) => {
    const planned = plan(terms, [to(on, "7")], invoicedUntil);
    expect(planned).toEqual(isPossible ? ["7"] : expect.stringContaining("invoiced"));
  });

  test("the start of a month that is invoiced in advance is too late", () => {
    const { quantities: _, ...terms } = inAdvance;
    expect(plan(terms, [to("2024-02-01", "7")], "2024-02-01")).toMatch(/invoiced/);
    expect(plan(terms, [to("2024-02-01T01", "7")], "2024-02-01")).toEqual(["7"]);
  });
});
