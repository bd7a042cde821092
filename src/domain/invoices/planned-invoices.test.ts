import { describe, expect, test } from "vitest";
import { at, commit, contract, item, segment } from "../../../test/support/sample-snapshot.ts";
import { instantText } from "../time.ts";
import { begunPeriods, nextTurnAt, scheduledInstants } from "./planned-invoices.ts";

const monthDay = (instant: ReturnType<typeof at>) => instantText(instant).slice(5, 10);

describe("scheduledInstants", () => {
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
  const riding = { scheduledCharges: [charge], scheduledChargesOnUsageInvoices: true };
  const everything = "01-01 01-15 02-01 03-01";

  test.each([
    ["each instant once", contract({ scheduledCharges: [charge] }), false, everything],
    ["items at a period's end ride on its invoice", contract(riding), false, "01-01 01-15"],
    ["unless that invoice is closed", contract(riding), true, everything],
    [
      "without a rate card there is no usage invoice",
      contract({ ...riding, rateCardId: null }),
      false,
      everything,
    ],
  ])("%s", (_reason, terms, closed, expected) => {
    const times = scheduledInstants(terms, [purchase, elsewhere], () => closed);
    expect(times.map(monthDay).join(" ")).toBe(expected);
  });

  test("a purchase that another contract invoices is none of ours", () => {
    expect(scheduledInstants(contract(), [elsewhere], () => false)).toEqual([]);
  });
});

test.each([
  ["2024-01-31T23", 1, "the current period counts"],
  ["2024-02-01", 2, "a period begins with its first instant"],
])("begun at %s: %i periods, because %s", (now, count) => {
  expect(begunPeriods(contract(), at(now))).toHaveLength(count);
  expect(begunPeriods(contract({ rateCardId: null }), at(now))).toEqual([]);
});

test("the next turn is the end of the current period, then nothing after the contract", () => {
  const ending = contract({ endingBefore: at("2024-02-10") });
  expect(nextTurnAt(ending, at("2023-12-01"))?.toString()).toBe("2024-01-01T00:00:00Z");
  expect(nextTurnAt(ending, at("2024-02-01"))?.toString()).toBe("2024-02-10T00:00:00Z");
  expect(nextTurnAt(ending, at("2024-02-10"))).toBeNull();
});
