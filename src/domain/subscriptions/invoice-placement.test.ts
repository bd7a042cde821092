import { describe, expect, test } from "vitest";
import { at, contract, subscription } from "../../../test/support/sample-snapshot.ts";
import { dec } from "../decimal.ts";
import { instantText } from "../time.ts";
import { nextScheduledAt, scheduledInstantsOf } from "./invoice-placement.ts";
import type { Subscription } from "./subscription.ts";

const inAdvance = (terms: Partial<Subscription> = {}) =>
  subscription({
    collectionSchedule: "ADVANCE",
    invoiceBehavior: "BILL_IMMEDIATELY",
    startingAt: at("2024-01-15"),
    quantities: [
      { id: "first", startingAt: at("2024-01-15"), quantity: dec("1") },
      { id: "second", startingAt: at("2024-02-10"), quantity: dec("4") },
    ],
    ...terms,
  });

const day = (text: string) => text.slice(0, 10);

describe("scheduled invoices of a subscription until February 12", () => {
  const until = (terms: Partial<Subscription>, agreed: Parameters<typeof contract>[0] = {}) =>
    scheduledInstantsOf(contract(agreed), inAdvance(terms), at("2024-02-12")).map((instant) =>
      day(instantText(instant)),
    );
  const generatedFrom = (on: string) => ({
    usageSchedule: {
      frequency: "MONTHLY",
      anchor: { day: "FIRST_OF_MONTH" },
      invoiceGenerationStartingAt: at(on),
    } as const,
  });

  test.each([
    [{}, {}, ["2024-01-15", "2024-02-10"], "February 1 is on January's usage invoice"],
    [{ collectionSchedule: "ARREARS" }, {}, [], "all of it is on usage invoices"],
    [{ invoiceBehavior: "BILL_ON_NEXT_COLLECTION_DATE" }, {}, ["2024-01-15"], "March 1 is to come"],
    [{}, generatedFrom("2024-02-01"), ["2024-02-01", "2024-02-10"], "nothing bills January here"],
    [{ billingFrequency: "QUARTERLY" }, {}, ["2024-01-15", "2024-02-10"], "April 1 is to come"],
    [
      { billingFrequency: "WEEKLY", quantities: inAdvance().quantities.slice(0, 1) },
      {},
      ["2024-01-15", "2024-01-22", "2024-01-29", "2024-02-05", "2024-02-12"],
      "weeks are counted from Monday, January 1, and none of these ends a month",
    ],
  ] as const)("%#: %j", (terms, agreed, expected, _because) => {
    expect(until(terms, agreed)).toEqual(expected);
  });
});

describe("the next time that something falls due in advance", () => {
  test.each([
    ["2024-01-01", {}, "2024-01-15", "the subscription starts"],
    ["2024-01-15", {}, "2024-02-01", "the next month"],
    ["2024-02-01", {}, "2024-02-10", "the increase"],
    ["2024-02-10", {}, "2024-03-01", "the month after it"],
    ["2024-02-10", { endingBefore: at("2024-03-01") }, null, "it ends"],
    ["2024-02-10", { collectionSchedule: "ARREARS" }, null, "usage invoices come by themselves"],
  ] as const)("after %s with %j: %s", (now, terms, expected, _because) => {
    const next = nextScheduledAt(contract(), inAdvance(terms), at(now));
    expect(next === null ? null : day(instantText(next))).toBe(expected);
  });
});
