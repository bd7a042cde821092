import { describe, expect, test } from "vitest";
import { at } from "../../../test/support/sample-snapshot.ts";
import type { LedgerEntry } from "../commits/ledger.ts";
import { dec, toText } from "../decimal.ts";
import { type SeatGrant, seatBalances, seatPage } from "./seat-balances.ts";

const entry = (type: string, amount: string): LedgerEntry => ({
  type,
  segmentId: "segment",
  amount: dec(amount),
  at: at("2024-04-01"),
  invoiceId: null,
  contractId: null,
  reason: null,
});

const grant = (
  seatId: string,
  ledger: readonly LedgerEntry[],
  creditTypeId = "USD",
): SeatGrant => ({
  seatId,
  commitId: "commit",
  type: "CREDIT",
  creditTypeId,
  startingAt: at("2024-04-01"),
  endingBefore: at("2024-05-01"),
  ledger,
});

const show = (seatIds: readonly string[], grants: readonly SeatGrant[]) =>
  seatBalances(seatIds, grants).map(({ seatId, byCreditType }) =>
    [
      seatId,
      ...byCreditType.map(
        ({ creditTypeId, balance, startingBalance }) =>
          `${creditTypeId} ${toText(balance)} of ${toText(startingBalance)}`,
      ),
    ].join(" "),
  );

const start = entry("CREDIT_SEGMENT_START", "1000");
const came = entry("CREDIT_SEAT_BASED_ADJUSTMENT", "500");
const used = entry("CREDIT_AUTOMATED_INVOICE_DEDUCTION", "-300");
const expired = entry("CREDIT_EXPIRATION", "-700");

describe("balances", () => {
  test.each([
    [["ann"], [], ["ann"], "a seat without a grant has none"],
    [[], [grant("ann", [start, used])], ["ann USD 700 of 1000"], "granted less used"],
    [[], [grant("ann", [start, used, expired])], ["ann USD 0 of 1000"], "what expired is gone"],
    [[], [grant("cat", [came, used])], ["cat USD 200 of 500"], "a seat that came later"],
    [[], [grant("ann", [])], ["ann USD 0 of 0"], "a grant that is to come"],
    [
      ["cat", "ann"],
      [grant("bob", [start]), grant("ann", [start]), grant("ann", [came])],
      ["ann USD 1500 of 1500", "bob USD 1000 of 1000", "cat"],
      "all grants of a seat, seats by id",
    ],
    [
      [],
      [grant("ann", [start]), grant("ann", [came], "EUR")],
      ["ann USD 1000 of 1000 EUR 500 of 500"],
      "each credit type by itself",
    ],
  ] as [string[], SeatGrant[], string[], string][])(
    "%#: %j",
    (seatIds, grants, expected, _because) => {
      expect(show(seatIds, grants)).toEqual(expected);
    },
  );
});

describe("a page", () => {
  const seats = (...counts: number[]) =>
    seatBalances(
      [],
      counts.flatMap((count, n) => Array.from({ length: count }, () => grant(`seat ${n}`, []))),
    );
  test.each([
    [[1, 1, 1], { limit: 2, withGrants: false }, 2, "so many seats"],
    [[98, 10, 1], { limit: 25, withGrants: true }, 2, "98 and 10: both, the third is left"],
    [[100, 1], { limit: 25, withGrants: true }, 1, "100 are enough"],
    [[100, 1], { limit: 25, withGrants: false }, 2, "grants that are not shown do not count"],
  ])("%j with %j has %d seats: %s", (counts, options, expected) => {
    expect(seatPage(seats(...counts), options)).toHaveLength(expected);
  });
});
