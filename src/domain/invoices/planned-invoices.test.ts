import { describe, expect, test } from "vitest";
import { at, commit, contract, item } from "../../../test/support/sample-snapshot.ts";
import type { Contract } from "../contracts/contract.ts";
import { type Interval, instantText } from "../time.ts";
import {
  begunPeriods,
  nextTurnAt,
  openParts,
  scheduledInstants,
  withoutInvoiced,
} from "./planned-invoices.ts";

const day = ({ start, end }: Interval) =>
  `${instantText(start).slice(0, 10)}..${instantText(end).slice(0, 10)}`;

const monthly = (overrides: Partial<Contract> = {}) =>
  contract({ startingAt: at("2024-01-15"), endingBefore: at("2024-03-10"), ...overrides });

const charge = (...items: ReturnType<typeof item>[]) => ({
  id: "charge",
  name: null,
  productId: "fixed",
  creditTypeId: "usd",
  items,
});

describe("usage periods that have begun", () => {
  test.each([
    ["2024-01-14", [], "the contract has not begun"],
    ["2024-01-15", ["2024-01-15..2024-02-01"], "its first instant belongs to it"],
    [
      "2024-02-01",
      ["2024-01-15..2024-02-01", "2024-02-01..2024-03-01"],
      "an end is the next start",
    ],
    [
      "2030-01-01",
      ["2024-01-15..2024-02-01", "2024-02-01..2024-03-01", "2024-03-01..2024-03-10"],
      "the last one is cut at the contract's end",
    ],
  ])("at %s: %j, because %s", (now, periods) => {
    expect(begunPeriods(monthly(), at(now)).map(day)).toEqual(periods);
  });

  test("none without a rate card: such a contract bills no usage", () => {
    expect(begunPeriods(monthly({ rateCardId: null }), at("2024-02-01"))).toEqual([]);
  });
});

describe("what is open of a period", () => {
  const june = { start: at("2024-06-01"), end: at("2024-07-01") };
  const july = { start: at("2024-07-01"), end: at("2024-08-01") };
  test.each([
    [[], ["2024-06-01..2024-07-01", "2024-07-01..2024-08-01"], "nothing is invoiced"],
    [[june], ["2024-07-01..2024-08-01"], "June is"],
    [
      [{ start: june.start, end: at("2024-06-15") }],
      ["2024-06-15..2024-07-01", "2024-07-01..2024-08-01"],
      "the contract ended in mid-June, was invoiced and then prolonged",
    ],
    [
      [
        { start: june.start, end: at("2024-06-15") },
        { start: at("2024-06-15"), end: july.start },
      ],
      ["2024-07-01..2024-08-01"],
      "both parts of June are",
    ],
  ])("of %j: %j, because %s", (closed, expected) => {
    expect(openParts([june, july], closed).map(day)).toEqual(expected);
  });

  test("none of a period that was cut after it was invoiced whole", () => {
    const cut = { start: june.start, end: at("2024-06-15") };
    expect(openParts([cut], [june])).toEqual([]);
  });
});

describe("the next turn", () => {
  test.each<[string, string | null, string]>([
    ["2024-01-01", "2024-01-15T00:00:00Z", "the first period is still to come"],
    ["2024-01-15", "2024-02-01T00:00:00Z", "the running period's end"],
    ["2024-03-01", "2024-03-10T00:00:00Z", "the end of the contract closes the last period"],
    ["2024-03-10", null, "nothing is left"],
  ])("at %s is %s, because %s", (now, expected, _why) => {
    const turn = nextTurnAt(monthly(), at(now));
    expect(turn === null ? null : instantText(turn)).toBe(expected);
  });
});

describe("instants of scheduled invoices", () => {
  const instants = (terms: Contract, commits: Parameters<typeof scheduledInstants>[1] = []) =>
    scheduledInstants(terms, commits, []).map((at) => instantText(at).slice(0, 10));

  test("each instant once, ascending, charges and purchases together", () => {
    const purchase = commit("prepaid", "PREPAID", [], {
      invoiceContractId: "contract",
      invoiceSchedule: [item("2024-02-05", "80", "a"), item("2024-01-20", "80", "b")],
    });
    const terms = monthly({ scheduledCharges: [charge(item("2024-02-05", "10", "c"))] });
    expect(instants(terms, [purchase])).toEqual(["2024-01-20", "2024-02-05"]);
  });

  test("purchases that another contract invoices are not this one's", () => {
    const purchase = commit("prepaid", "PREPAID", [], {
      invoiceContractId: "other",
      invoiceSchedule: [item("2024-02-05", "80")],
    });
    expect(instants(monthly(), [purchase])).toEqual([]);
  });

  const riding = monthly({
    scheduledChargesOnUsageInvoices: true,
    scheduledCharges: [charge(item("2024-02-01", "10", "a"), item("2024-02-02", "10", "b"))],
  });

  test("an item at a period's end rides on the usage invoice, one beside it does not", () => {
    expect(instants(riding)).toEqual(["2024-02-02"]);
  });

  test("it has an invoice of its own when the usage invoice is closed already", () => {
    const closed = scheduledInstants(
      riding,
      [],
      [{ start: at("2024-01-15"), end: at("2024-02-01") }],
    );
    expect(closed.map((instant) => instantText(instant).slice(0, 10))).toEqual([
      "2024-02-01",
      "2024-02-02",
    ]);
  });
});

test("items that an invoice bills already are taken out of charges and purchases", () => {
  const terms = {
    contracts: [monthly({ scheduledCharges: [charge(item("2024-02-01", "1", "a"))] })],
    commits: [
      commit("prepaid", "PREPAID", [], {
        invoiceSchedule: [item("2024-02-01", "2", "b"), item("2024-02-01", "3", "c")],
      }),
    ],
  };
  const open = withoutInvoiced(terms, new Set(["a", "b"]));
  expect(open.contracts[0]?.scheduledCharges[0]?.items).toEqual([]);
  expect(open.commits[0]?.invoiceSchedule.map(({ id }) => id)).toEqual(["c"]);
});
