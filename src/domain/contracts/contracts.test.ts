import { describe, expect, test } from "vitest";
import { at, commit, contract, item, segment } from "../../../test/support/sample-snapshot.ts";
import { dec, toText } from "../decimal.ts";
import { instantText } from "../time.ts";
import { scheduledInvoiceTimes, usageInvoicePeriods } from "./plan-invoices.ts";
import { expandRecurringSchedule, type RecurringSchedule } from "./recurring-schedule.ts";

const day = (text: string) => text.replace("T00:00:00Z", "");

describe("scheduledInvoiceTimes", () => {
  const charge = {
    id: "charge",
    name: null,
    productId: "fixed",
    creditTypeId: "usd",
    items: [
      item("2024-02-01", "1", "on a period's end"),
      item("2024-01-15", "1", "inside a period"),
      item("2024-01-01", "1", "at the start"),
    ],
  };
  const purchase = commit("grant", "PREPAID", [segment("1", "2024-01-01", "2025-01-01")], {
    invoiceContractId: "contract",
    invoiceSchedule: [item("2024-01-15", "1"), item("2024-03-01", "1")],
  });
  const elsewhere = { ...purchase, invoiceContractId: "another" };

  test.each([
    ["each instant once", contract({ scheduledCharges: [charge] }), "01-01 01-15 02-01 03-01"],
    [
      "items at a period's end join the usage invoice",
      contract({ scheduledCharges: [charge], scheduledChargesOnUsageInvoices: true }),
      "01-01 01-15",
    ],
    [
      "there is no usage invoice to join without a rate card",
      contract({
        scheduledCharges: [charge],
        scheduledChargesOnUsageInvoices: true,
        rateCardId: null,
      }),
      "01-01 01-15 02-01 03-01",
    ],
  ])("%s", (_reason, terms, expected) => {
    const times = scheduledInvoiceTimes(terms, [purchase, elsewhere]);
    expect(times.map((time) => day(instantText(time)).slice(5)).join(" ")).toBe(expected);
  });

  test("no purchase of this contract, no time", () => {
    expect(scheduledInvoiceTimes(contract(), [elsewhere])).toEqual([]);
  });
});

test("a usage invoice exists from the first instant of its period", () => {
  expect(usageInvoicePeriods(contract(), at("2024-02-01"))).toHaveLength(2);
  expect(usageInvoicePeriods(contract(), at("2024-01-31T23"))).toHaveLength(1);
  expect(usageInvoicePeriods(contract({ rateCardId: null }), at("2024-02-01"))).toEqual([]);
});

describe("expandRecurringSchedule", () => {
  const yearly: RecurringSchedule = {
    startingAt: at("2024-01-31"),
    endingBefore: at("2024-04-30"),
    frequency: "MONTHLY",
    unitPrice: dec("100"),
    quantity: dec("1"),
    distribution: "EACH",
    decimals: 0,
  };
  test.each<[string, Partial<RecurringSchedule>, string[]]>([
    [
      "each date bills it whole; an end is no date",
      {},
      ["2024-01-31 100", "2024-02-29 100", "2024-03-31 100"],
    ],
    [
      "12 decimals, the rest on the last",
      { distribution: "DIVIDED" },
      ["2024-01-31 33.333333333333", "2024-02-29 33.333333333333", "2024-03-31 33.333333333334"],
    ],
    [
      "whole cents, the rest on the last",
      { distribution: "DIVIDED_ROUNDED", quantity: dec("2") },
      ["2024-01-31 67", "2024-02-29 67", "2024-03-31 66"],
    ],
    [
      "half-years",
      { frequency: "SEMI_ANNUAL", endingBefore: at("2024-08-01") },
      ["2024-01-31 100", "2024-07-31 100"],
    ],
    [
      "weeks",
      { frequency: "WEEKLY", endingBefore: at("2024-02-08") },
      ["2024-01-31 100", "2024-02-07 100"],
    ],
    ["no time, no items", { endingBefore: at("2024-01-31"), distribution: "DIVIDED" }, []],
  ])("%s", (_reason, change, expected) => {
    const items = expandRecurringSchedule({ ...yearly, ...change });
    expect(items.map((part) => `${day(instantText(part.at))} ${toText(part.amount)}`)).toEqual(
      expected,
    );
  });
});
